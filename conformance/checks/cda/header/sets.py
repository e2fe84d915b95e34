"""Value sets that only the table of header rules names, by the word it uses.

Source of each: the value set published by the ANS at https://mos.esante.gouv.fr/NOS/, by OID and version.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.checks.cda.tables import header_codes as known
from conformance.checks.cda.tables.value_set import ValueSet, codes

_PARTICIPATION_TYPE = "2.16.840.1.113883.5.90"
_ROLE_CODE = "2.16.840.1.113883.5.111"

PARTICIPATION = ValueSet(
    "JDV_J144",
    "1.2.250.1.213.1.1.5.591",
    "20210326120000",
    {_PARTICIPATION_TYPE: codes("REF REFB INF RESP PRF CON VRF")},
)
ENCOUNTER_PARTICIPATION = ValueSet(
    "JDV_J140",
    "1.2.250.1.213.1.1.5.528",
    "20210326120000",
    {_PARTICIPATION_TYPE: codes("ADM ATND CON DIS REF RESP")},
)
ROLE = ValueSet(
    "JDV_J141", "1.2.250.1.213.1.1.5.588", "20210326120000", {"2.16.840.1.113883.5.110": codes("PROV AGNT")}
)
RELATION = ValueSet(
    "JDV_J11",
    "1.2.250.1.213.3.3.16",
    "20200424120000",
    {
        _ROLE_CODE: codes(
            """
            MTH FTH NMTH NFTH STPMTH STPFTH GRMTH GRFTH GGRMTH GGRFTH DAU SON BRO SIS HBRO HSIS GRNDDAU GRNDSO
            UNCLE AUNT NEPHEW NIECE HUSB WIFE DOMPART ROOM FRND NBOR FAMMEMB CHILD COUSN SIGOTHR DAUC SONC
            """
        ),
        "1.2.250.1.213.1.1.4.327": codes("TUTEUR CURATEUR MSVG"),
    },
)
SETS: Mapping[str, ValueSet] = {
    "PARTICIPATION": PARTICIPATION,
    "ENCOUNTER_PARTICIPATION": ENCOUNTER_PARTICIPATION,
    "ROLE": ROLE,
    "RELATION": RELATION,
    "AUTHOR_SPECIALTY": known.AUTHOR_SPECIALTY,
    "PRACTICE_SETTING": known.PRACTICE_SETTING,
    "FUNCTION": known.FUNCTION,
    "CIVILITY": known.CIVILITY,
    "TITLE": known.TITLE,
}
