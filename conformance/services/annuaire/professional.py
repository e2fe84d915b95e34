"""A fictitious professional of the directory, at one structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from conformance.core.errors import UsageError

# Codes of TRE_G15-ProfessionSante that the fictitious population uses, with the word of the extraction.
PROFESSIONS: Mapping[str, str] = {"10": "Médecin", "60": "Infirmier", "70": "Masseur-Kinésithérapeute"}


@dataclass(frozen=True, slots=True)
class Professional:
    """One line of the directory.

    ``rpps`` has 11 digits, ``finess`` 9; ``family`` and ``given`` are the names of practice; ``civility`` is ``M`` or
    ``MME`` (TRE_R81); ``profession`` a code of TRE_G15,
    ``specialty`` one of TRE_R38 or empty; ``sector`` one of TRE_R02 (SA17: EHPAD); ``insee`` the commune's code.
    ``mailbox`` is empty for one who has no MSSanté box.
    """

    rpps: str
    family: str
    given: str
    civility: str = "M"
    profession: str = "10"
    specialty: str = ""
    finess: str = ""
    structure: str = ""
    sector: str = "SA17"
    postal_code: str = ""
    city: str = ""
    insee: str = ""
    mailbox: str = ""

    @property
    def identifier(self) -> str:
        """The national identifier of a person: ``8`` + RPPS (wire.md §5, IDNPS)."""
        return f"8{self.rpps}"

    @property
    def practitioner_id(self) -> str:
        """The logical id of the Practitioner."""
        return f"essai-pp-{self.rpps}"

    @property
    def role_id(self) -> str:
        """The logical id of the PractitionerRole."""
        return f"essai-se-{self.rpps}-{self.finess}"

    @property
    def organization_id(self) -> str:
        """The logical id of the Organization."""
        return f"essai-st-{self.finess}"

    def as_json(self) -> dict[str, Any]:
        """The members."""
        return asdict(self)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Back from JSON; an unknown or ill-typed member is a :class:`UsageError`."""
        known = {field.name for field in fields(cls)}
        if set(raw) - known or not all(isinstance(value, str) for value in raw.values()):
            raise UsageError("services.control.bad-request", name="professional")
        try:
            return cls(**raw)
        except TypeError as exc:
            raise UsageError("services.control.bad-request", name="professional") from exc
