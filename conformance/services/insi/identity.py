"""The fictitious identities that the teleservice knows, and how a request finds them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from conformance.core.errors import UsageError

MAX_KNOWN = 100_000
MAX_FORMER = 20
# How an answer may be spoilt, one fault each (wire.md §3.7: what a client does not take over).
SPOILT = ("", "incomplete-date", "no-name", "no-sex", "wrong-key")


@dataclass(frozen=True, slots=True)
class Former:
    """An INS that an identity had; ``begins`` and ``ends`` are ISO 8601 dates or empty, and may come in the wrong order."""

    matricule: str
    cle: str
    oid: str
    begins: str = ""
    ends: str = ""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Former:
        """From JSON; a missing member is a :class:`KeyError`."""
        days = (str(raw.get(name, "")) for name in ("begins", "ends"))
        return cls(str(raw["matricule"]), str(raw["cle"]), str(raw["oid"]), *days)


@dataclass(frozen=True, slots=True)
class Known:
    """An identity: names in capitals without accents, ISO 8601 date, COG of five characters, matricule of 13.

    ``history`` are former INS, told as ``INSHISTO``. ``spoilt`` is a fault of the answer.
    """

    name: str
    first_names: tuple[str, ...]
    sex: str
    birth_date: str
    birth_place: str
    matricule: str
    cle: str
    oid: str
    history: tuple[Former, ...] = ()
    spoilt: str = ""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Known:
        """From a person of the run, as JSON; what is lacking is a :class:`UsageError`."""
        try:
            return cls(
                name=str(raw["birth_name"]),
                first_names=tuple(map(str, raw["birth_first_names"])),
                sex=str(raw["sex"]),
                birth_date=str(raw["birth_date"]),
                birth_place=str(raw["birth_place"]),
                matricule=str(raw["matricule"]),
                cle=str(raw["cle"]),
                oid=str(raw["oid"]),
                history=tuple(Former.of(one) for one in raw.get("history", ())[:MAX_FORMER]),
                spoilt=str(raw.get("spoilt", "")),
            )
        except (KeyError, TypeError, AttributeError) as exc:
            raise UsageError("services.control.bad-request", name="identities") from exc

    def answered(self) -> Known:
        """The identity as the service tells it."""
        match self.spoilt:
            case "incomplete-date":
                return replace(self, birth_date=f"{self.birth_date[:8]}00")
            case "no-name":
                return replace(self, name="")
            case "no-sex":
                return replace(self, sex="")
            case "wrong-key":
                return replace(self, cle=f"{(int(self.cle) + 1) % 97 or 97:02d}")
        return self

    def meets(self, fields: Mapping[str, str], first_names: tuple[str, ...]) -> bool:
        """Whether the traits of a search are this identity's; a trait that is not asked does not count."""
        asked = {
            "NomNaissance": plain(self.name),
            "Sexe": self.sex,
            "DateNaissance": self.birth_date,
            "LieuNaissance": self.birth_place,
        }
        if any(fields.get(name) and plain(fields[name]) != plain(value) for name, value in asked.items()):
            return False
        mine = [plain(name) for name in self.first_names]
        wanted = [plain(part) for name in first_names for part in name.split()]
        return bool(wanted) and all(name in mine for name in wanted)


class Register:
    """The identities of a lane, by matricule."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

    def add(self, identities: Iterable[Known]) -> None:
        """Add identities, or put them in place of those of the same matricule."""
        self._known |= {known.matricule: known for known in identities}
        if len(self._known) > MAX_KNOWN:
            raise UsageError("services.control.bad-request", name="identities")

    def forget(self, matricule: str) -> None:
        """Forget an identity: its verification is then denied."""
        self._known.pop(matricule, None)

    def find(self, fields: Mapping[str, str], first_names: tuple[str, ...]) -> list[Known]:
        """Those whom the traits of a search designate."""
        return [known for known in self._known.values() if known.meets(fields, first_names)]

    def of_card(self, matricule: str, birth_date: str) -> list[Known]:
        """The holder of a Vitale card, by the matricule and date that it gives."""
        known = self._known.get(matricule)
        return [known] if known is not None and birth_date in ("", known.birth_date) else []

    def holds(
        self, matricule: str, cle: str, oid: str, fields: Mapping[str, str], first_names: tuple[str, ...]
    ) -> bool:
        """Whether an identity is this one: matricule, key, OID and traits together."""
        known = self._known.get(matricule)
        return known is not None and (known.cle, known.oid) == (cle, oid) and known.meets(fields, first_names)


def plain(text: str) -> str:
    """A trait without case, accents, hyphens or apostrophes."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.upper().replace("-", " ").replace("'", " ").split())
