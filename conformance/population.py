"""The people of a run: fictitious, under the test OIDs, and drawn from the run's seed.

The generators live in ``fixtures/``; this module only says what a person and a correspondent are.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

# INS-NIR of test: matricules of test identities, never of a real person (Guide d'implémentation INS; wire.md §3.6).
OID_INS_TEST = "1.2.250.1.213.1.4.10"

IdentityStatus = Literal["provisoire", "recuperee", "validee", "qualifiee"]


@dataclass(frozen=True, slots=True)
class Person:
    """A fictitious person accompanied by the structure.

    ``matricule`` has 13 characters, ``cle`` two digits, ``birth_place`` is a five-character COG code,
    ``birth_date`` is ISO 8601, ``sex`` is ``M`` or ``F``. Names are upper case without accents, as INSi
    returns them. ``key`` is how the bench and the product's control API call this person.
    """

    key: str
    birth_name: str
    birth_first_names: tuple[str, ...]
    birth_date: str
    sex: Literal["M", "F"]
    birth_place: str
    status: IdentityStatus
    matricule: str = ""
    cle: str = ""
    oid: str = OID_INS_TEST
    used_name: str = ""

    @property
    def first_name(self) -> str:
        """The first given name of birth."""
        return self.birth_first_names[0]

    @property
    def ins(self) -> str:
        """Matricule and key, fifteen characters; empty without matricule."""
        return f"{self.matricule}{self.cle}"

    def as_json(self) -> dict[str, Any]:
        """The members, first names as a list."""
        return {**asdict(self), "birth_first_names": list(self.birth_first_names)}


@dataclass(frozen=True, slots=True)
class Correspondent:
    """A fictitious professional or structure with an MSSanté address of the bench.

    ``identifier`` is the national id with its prefix (``8`` + RPPS for a person, ``1`` + FINESS for a structure).
    """

    address: str
    identifier: str
    name: str
    first_name: str = ""
    profession: str = ""
    kind: Literal["PER", "ORG", "APP", "PATIENT"] = "PER"

    def as_json(self) -> dict[str, Any]:
        """The members."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Structure:
    """The fictitious structure that uses the product: geographic FINESS and name."""

    finess: str
    name: str
    sector: str = "SA17"
    extra: dict[str, str] = field(default_factory=dict)
