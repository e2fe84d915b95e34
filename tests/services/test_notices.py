"""The ordinary mail of people: what comes is recorded, kept, read; bounds hold."""

import smtplib
from email.message import EmailMessage

import pytest

from conformance.core.errors import UsageError
from conformance.evidence.journal import read_journal
from conformance.services.client import Bench
from conformance.services.notices.service import MAX_MESSAGE, MAX_RECIPIENTS, read

HERE = "titulaire@courriel.test"


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    return tmp_path_factory.mktemp("notices") / "evidence"


@pytest.fixture(scope="module")
def bench(bench_home, evidence):
    with Bench.start(evidence, bench_home, ["main"]) as bench:
        yield bench


@pytest.fixture
def server(bench):
    told = bench.service("main", "notices")
    with smtplib.SMTP(told["host"], told["port"], timeout=10) as server:
        yield server


def message(text="Votre code : 12345678", to=HERE):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "produit@dui.test", to, "Code à usage unique"
    made.set_content(text)
    return made


def test_a_message_is_recorded_then_read_by_whose_address_it_is(bench, server, evidence) -> None:
    server.send_message(message())
    told = bench.act("main", "notices", "read", to=HERE.upper())["notices"]
    assert told[-1] == {"to": [HERE], "subject": "Code à usage unique", "text": "Votre code : 12345678\r\n"}
    assert bench.act("main", "notices", "read", to="autre@courriel.test") == {"notices": []}
    (record,) = [r for r in read_journal(evidence) if r.kind == "notice.received"]
    assert (record.data["rcpt_to"], record.data["subject"]) == ([HERE], "Code à usage unique")
    assert record.marks == (HERE,)


def test_what_is_too_much_is_refused(server) -> None:
    with pytest.raises(smtplib.SMTPException):
        server.send_message(message("x" * (MAX_MESSAGE + 1)))
    refused = server.sendmail(
        "produit@dui.test", [f"n{number}@courriel.test" for number in range(MAX_RECIPIENTS + 2)], b"Subject: x\r\n\r\nx"
    )
    assert len(refused) == 2


def test_an_address_must_be_named(bench) -> None:
    with pytest.raises(UsageError):
        bench.act("main", "notices", "read", to="")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"Content-Type: text/plain; charset=unheard-of\r\n\r\nx",
        b"Content-Type: image/png\r\n\r\nx",
    ],
)
def test_what_cannot_be_read_is_taken_all_the_same(content) -> None:
    assert read(content, (HERE,)).to == (HERE,)
