"""Every sentence of the checks on the wire and on messages is written, and every check says what it holds."""

import ast
from pathlib import Path

import pytest

import conformance.checks
from conformance.core.check import Registry
from conformance.core.texts import known

HERE = Path(conformance.checks.__file__).parent
SOURCES = [
    *sorted((HERE / "mail").glob("*.py")),
    *(HERE / f"{m}.py" for m in ("tls", "sessions", "imap", "autoconfig", "psc", "bad_servers", "session_life")),
]
PREFIXES = ("tls.", "session.", "smtp.", "imap.", "autoconfig.", "psc.", "mail.")
MINE = sorted(id for id in Registry.checks if id.startswith(PREFIXES))
EXPECTED = [
    "tls.version",
    "tls.suite",
    "tls.offer",
    "tls.refuses-expired",
    "tls.refuses-revoked",
    "tls.refuses-unknown-ca",
    "tls.refuses-wrong-name",
    "tls.refuses-old-version",
    "tls.refuses-weak-suite",
    "tls.refuses-small-dh",
    "tls.crl-kept",
    "session.reopens-after-close",
    "session.closes-when-login-dies",
    "session.errors-isolated",
    "smtp.starttls",
    "smtp.xoauth2",
    "smtp.client-certificate",
    "imap.starttls",
    "imap.xoauth2",
    "imap.client-certificate",
    "autoconfig.fetched",
    "autoconfig.obeyed",
    "imap.message-fetched",
    "psc.client",
    "mail.reached-recipient",
    "mail.message-id",
    "mail.nil",
    "mail.codecda",
    "mail.ins",
    "mail.mes-end",
    "mail.from-name",
    "mail.text-body",
    "mail.charset",
    "mail.subject",
    "mail.one-person",
    "mail.xdm-attached",
    "mail.pdf-twin",
    "mail.pdf-name",
    "mail.read-receipt-requested",
    "mail.replaces-mention",
    "mail.citizen-address",
    "mail.citizen-qualified-only",
    "mail.opposition-citizen",
    "mail.opposition-professional",
]
SAID_ONCE_OR_ABSENT = [f"mail.{h}.{c}" for h in ("codecda", "ins") for c in ("missing", "repeated", "unexpected")]


def spoken():
    """The codes that the sources give to a finding as a literal."""
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("error", "warning", "info", "tell"):
                for literal in ast.walk(node.args[0]):
                    if isinstance(literal, ast.Constant) and not str(literal.value).startswith("."):
                        yield literal.value


def test_the_register_holds_every_check_of_the_wire_and_of_messages():
    assert set(EXPECTED) <= set(MINE)


@pytest.mark.parametrize("code", sorted({*spoken(), *SAID_ONCE_OR_ABSENT, "mail.nil.missing", "mail.nil.repeated"}))
def test_every_finding_has_its_sentence(code):
    assert known(code)


@pytest.mark.parametrize("id", MINE)
def test_every_check_has_a_title_a_contract_and_a_source(id):
    check = Registry.get(id)
    for lang in ("fr", "en"):
        assert check.title(lang).endswith(".")
    assert "Pass:" in check.contract
    assert "Fail:" in check.contract
    assert check.source


def test_checks_that_need_a_run_are_not_asked_of_a_document_alone():
    alone = {id for id in MINE if Registry.get(id).alone}
    assert all(id.startswith("mail.") for id in alone)
    assert not {id for id in alone if Registry.get(id).absence}
