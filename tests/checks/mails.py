"""Messages for the tests: conforming ones made by the fixtures, and what a mutation makes of them."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache

from conformance._bundled.fixtures.documents.messages import compose
from conformance._bundled.fixtures.documents.model import document_of
from conformance._bundled.fixtures.people import Population

from tests.checks.journals import BOX, REFERENCE

ACT = datetime.fromisoformat("2026-03-04T10:00:00+01:00")
SENDER_NAME = "Dr_Camille_ESSAI_Résidence"
DOCTOR = "medecin@pro.a.mss.test"
PATIENTS = "patient.a.mss.test"


@cache
def people():
    return Population(42)


def person(role="usager", status="qualifiee"):
    return people().person("mail", role, status=status)


@cache
def spec(role="usager", status="qualifiee", type_code="80788-3", number=1):
    return document_of(
        42,
        "mail",
        f"{role} {status} {type_code} {number}",
        person=person(role, status),
        author=people().professional,
        structure=people().structure,
        act_date=ACT,
        type_code=type_code,
    )


_MADE = {}


def made(*specs):
    """The parts of a conforming message: archive, PDFs, subject."""
    key = tuple(s.unique_id for s in specs)
    if key not in _MADE:
        _MADE[key] = _compose(specs)
    return _MADE[key]


def _compose(specs):
    return compose(list(specs or (spec(),)), sender=BOX, sender_name=SENDER_NAME, recipient=DOCTOR, nil=REFERENCE)


def carrier(*specs):
    """A conforming message that carries documents."""
    return made(*specs).raw


def letter(*specs, headers=None, text="Veuillez trouver le document joint.", html=None, archives=None, pdfs=None):
    """A message with documents, less or more than it should have: ``headers`` replaces, and drops with ``None``."""
    source = made(*specs)
    message = EmailMessage(policy=SMTP)
    values = {
        "From": f'"{SENDER_NAME}" <{BOX}>',
        "To": DOCTOR,
        "Message-ID": "<m1@a.mss.test>",
        "Subject": source.subject,
        "X-MSS-NIL": REFERENCE,
        "X-MSS-CODECDA": ",".join(s.type_code for s in specs or (spec(),)),
        "X-MSS-INS": "O",
        **(headers or {}),
    }
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                message[name] = one
    message.policy = message.policy.clone()
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    for name, content in [("IHE_XDM.ZIP", source.archive)] if archives is None else archives:
        message.add_attachment(content, maintype="application", subtype="zip", filename=name)
    for name, content in source.pdfs if pdfs is None else pdfs:
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


def plain(*, headers=None, text="Bonjour Hélène."):
    """A message without document."""
    none = {"Subject": "Essai", "X-MSS-CODECDA": None, "X-MSS-INS": None}
    return letter(headers={**none, **(headers or {})}, text=text, archives=[], pdfs=[])
