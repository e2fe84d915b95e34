"""What the national rules of identity vigilance make of an identity: acts, and the status that must come of them.

Facts only, one source a row; scenarios play them, tests and documentation read them. The reference DUI does not: it has rules
of its own, or the table would prove itself.

Sources: rows SC.INS.* of SC_SOCLES_va1 (guide d'implémentation de l'INS) and INS/va1.* (REM vague 2, as classified); RNIV 1,
EXI SI 07 (four statuses that exclude each other) and the constraint ``fr-core-comment-requires-prov`` of FR Core 2.2.0 (doubtful and
fictive go with the provisional status only), which cites the RNIV.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, cast

from conformance.population import IdentityStatus

Attribute = Literal["douteuse", "fictive"]
ActName = Literal["insi", "insi-card", "insi-none", "insi-several", "document", "denied", "change", "mark", "lift"]

# RNIV: passport, identity card and residence permit are of high trust; a Vitale card is not in that list.
TRUSTED, UNTRUSTED = "carte nationale d'identité", "carte Vitale"
# Mandatory to create an identity, and nothing else (règle 5; INS/va1.21, va1.22); an unknown place is 99999.
MANDATORY: Final = ("birth_name", "birth_first_names", "birth_date", "sex", "birth_place")
UNKNOWN_PLACE = "99999"
# Without one of these nobody is created; a birth place that is not given may stand for the unknown one.
REFUSED_WITHOUT: Final = ("birth_name", "birth_first_names", "birth_date", "sex")
# The traits whose change takes matricule and OID away (règle 27; INS/va1.60).
STRICT: Final = MANDATORY
_CHANGE = "SC.INS.15B, règle 27 (INS/va1.60)"
_DENIAL = "SC.INS.43, règle 49 (INS/va1.08)"
_LOCK = "SC.INS.15B (INS/va1.20); RNIV, FR Core 2.2.0 fr-core-comment-requires-prov"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to an identity; ``value`` is a document, a trait or an attribute, where there is one."""

    name: ActName
    value: str = ""

    @classmethod
    def of(cls, text: str) -> Act:
        """From ``name`` or ``name:value``."""
        name, _, value = text.partition(":")
        return cls(cast("ActName", name), value)


@dataclass(frozen=True, slots=True)
class Case:
    """An identity created from its mandatory traits, what is then done to it, and what must come of it.

    ``calls`` is false where INSi must not be asked at all.
    """

    name: str
    acts: tuple[Act, ...]
    status: IdentityStatus
    source: str
    calls: bool = True

    @property
    def carried(self) -> bool:
        """Whether documents carry matricule and OID: for a qualified identity only (INS/va1.53, va1.59)."""
        return self.status == "qualifiee"


def _case(name: str, acts: str, status: IdentityStatus, source: str, *, calls: bool = True) -> Case:
    return Case(name, tuple(Act.of(text.strip()) for text in acts.split(",") if text.strip()), status, source, calls)


# How the four statuses are reached (règles 19 and 20). By traits: a product may have no card reader (SC.INS.28B).
REACHED: Final = (
    _case("retrieved-validated", f"insi, document:{TRUSTED}", "qualifiee", "règle 20 (INS/va1.54)"),
    _case("validated-retrieved", f"document:{TRUSTED}, insi", "qualifiee", "règle 20 (INS/va1.54)"),
    _case("created", "", "provisoire", "INS/va1.45"),
    _case("retrieved", "insi", "recuperee", "INS/va1.40"),
    _case("validated", f"document:{TRUSTED}", "validee", "INS/va1.43"),
    _case("unknown-to-insi", f"document:{TRUSTED}, insi-none", "validee", "INS/va1.43"),
    _case("several-at-insi", f"document:{TRUSTED}, insi-several", "validee", "INS/va1.43"),
    _case("weak-document", f"insi, document:{UNTRUSTED}", "recuperee", "règle 20 (INS/va1.40, va1.26)"),
    _case("used-name", f"insi, document:{TRUSTED}, change:used_name", "qualifiee", "INS/va1.48"),
)
# What doubtful and fictive forbid, and what lifting the doubt allows again.
LOCKED: Final = (
    _case("no-doubt", f"insi, document:{TRUSTED}", "qualifiee", "règle 20 (INS/va1.54)"),
    _case("doubtful", f"mark:douteuse, insi, document:{TRUSTED}", "provisoire", _LOCK, calls=False),
    _case("fictive", f"mark:fictive, insi, document:{TRUSTED}", "provisoire", _LOCK, calls=False),
    _case("doubtful-by-card", "mark:douteuse, insi-card", "provisoire", _LOCK, calls=False),
    _case("doubtful-afterwards", f"insi, document:{TRUSTED}, mark:douteuse", "provisoire", _LOCK),
    _case("validated-in-doubt", f"mark:douteuse, document:{TRUSTED}, lift:douteuse, insi", "recuperee", _LOCK),
    _case("doubt-lifted", f"mark:douteuse, lift:douteuse, insi, document:{TRUSTED}", "qualifiee", _LOCK),
)
# What a denial of INSi takes away; the second shows the lower status by what a document then makes of it.
DENIED: Final = (
    _case("not-denied", f"insi, document:{TRUSTED}", "qualifiee", "règle 20 (INS/va1.54)"),
    _case("denied-qualified", f"insi, document:{TRUSTED}, denied", "validee", _DENIAL),
    _case("denied-retrieved", f"insi, denied, document:{TRUSTED}", "validee", _DENIAL),
)
# What changing each strict trait takes away.
CHANGED: Final = (
    _case("unchanged", f"insi, document:{TRUSTED}", "qualifiee", "règle 20 (INS/va1.54)"),
    *(_case(f"changed-{trait}", f"insi, document:{TRUSTED}, change:{trait}", "validee", _CHANGE) for trait in STRICT),
    _case("changed-retrieved", f"insi, change:birth_name, document:{TRUSTED}", "validee", _CHANGE),
)
# Those of which the record's page is looked at: each status as it is reached, and as it is come back to.
SHOWN: Final = (
    *("created", "retrieved", "validated", "retrieved-validated", "weak-document"),
    *("doubtful-afterwards", "denied-qualified", "denied-retrieved", "changed-birth_name"),
)
GROUPS: Final = {"statuses": REACHED, "locked": LOCKED, "denied": DENIED, "changed": CHANGED}
