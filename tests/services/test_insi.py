"""The INSi teleservice: what it answers, what it refuses, what it writes down; met by zeep as a client of its own."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from conformance._bundled.fixtures.people import Population
from conformance._bundled.reference_dui.insi import envelope
from lxml import etree

from conformance.core.errors import UsageError
from conformance.evidence.journal import read_journal
from conformance.services.client import Bench
from conformance.services.insi.batch import MAX_BATCHES, MAX_IDENTITIES, Asked, Batches
from conformance.services.insi.identity import Known, Register

PERSON = Population(11).person("insi", "usager")
TRAITS = {
    "NomNaissance": PERSON.birth_name,
    "Sexe": PERSON.sex,
    "DateNaissance": PERSON.birth_date,
    "LieuNaissance": PERSON.birth_place,
}
BY_TRAITS = "rechercherInsAvecTraitsIdentite"
Ask = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("insi") / "evidence"


@pytest.fixture(scope="module")
def bench(bench_home: Path, evidence: Path) -> Iterator[Bench]:
    with Bench.start(evidence, bench_home, ["main"]) as bench:
        yield bench


@pytest.fixture
def here(bench: Bench) -> dict[str, Any]:
    bench.act("main", "insi", "know", identities=[PERSON.as_json()])
    return bench.service("main", "insi")


@pytest.fixture
def card(here: dict[str, Any], tmp_path: Path) -> str:
    path = tmp_path / "client.pem"
    path.write_text(here["client_key_pem"] + here["client_certificate_pem"])
    return str(path)


@pytest.fixture
def ask(here: dict[str, Any], web: requests.Session, card: str) -> Ask:
    def asked(body: Any, operation: str = BY_TRAITS, *, bare: bool = False, **changed: Any) -> requests.Response:
        told = {"idam": here["idam"], "issuer": here["issuer"], **changed}
        message = envelope.request(operation, body, **told)
        return web.post(here["url"], data=message, cert=None if bare else card, timeout=10)

    return asked


def read(answer: requests.Response) -> envelope.Told:
    return envelope.read(answer.content)


def test_traits_find_the_person(ask: Ask) -> None:
    told = read(ask(envelope.by_traits(TRAITS, [PERSON.first_name])))
    assert (told.code, told.matricule, told.cle, told.oid) == ("00", PERSON.matricule, PERSON.cle, PERSON.oid)
    assert (told.name, told.first_names) == (PERSON.birth_name, PERSON.birth_first_names)


def test_spelling_does_not_count_and_wrong_traits_do(ask: Ask) -> None:
    lower = {**TRAITS, "NomNaissance": PERSON.birth_name.lower()}
    assert read(ask(envelope.by_traits(lower, [PERSON.first_name.lower()]))).code == "00"
    for changed in ({"NomNaissance": "AUTRE"}, {"DateNaissance": "1900-01-01"}, {"LieuNaissance": "99999"}):
        assert read(ask(envelope.by_traits({**TRAITS, **changed}, [PERSON.first_name]))).code == "01"
    assert read(ask(envelope.by_traits(TRAITS, ["PERSONNE"]))).code == "01"


def test_twins_are_several(bench: Bench, ask: Ask) -> None:
    twin = {
        **PERSON.as_json(),
        "matricule": "1" + PERSON.matricule[1:-1] + "9",
        "birth_first_names": ["JUMEAU", PERSON.first_name],
    }
    bench.act("main", "insi", "know", identities=[twin])
    assert read(ask(envelope.by_traits(TRAITS, [PERSON.first_name]))).code == "02"
    bench.act("main", "insi", "forget", matricule=twin["matricule"])
    assert read(ask(envelope.by_traits(TRAITS, [PERSON.first_name]))).code == "00"


def test_a_card_finds_its_holder(ask: Ask) -> None:
    body = envelope.by_card(PERSON.matricule, PERSON.cle, PERSON.birth_name, PERSON.birth_date)
    assert read(ask(body, "rechercherInsAvecCarteVitale")).matricule == PERSON.matricule


def test_an_identity_is_verified_as_a_whole(here: dict[str, Any], ask: Ask) -> None:
    shape = here["verification"]
    assert shape["hypothesis"] is True
    fields = {"NumIdentifiant": PERSON.matricule, "Cle": PERSON.cle, "OID": PERSON.oid, **TRAITS}
    for changed, code in (({}, "00"), ({"Cle": "00"}, "KO"), ({"OID": "1.2"}, "KO"), ({"NomNaissance": "AUTRE"}, "KO")):
        body = envelope.verification(shape["namespace"], {**fields, **changed}, PERSON.first_name)
        assert read(ask(body, shape["operation"])).code == code


@pytest.mark.parametrize(
    ("spoilt", "member"),
    [("incomplete-date", "birth_date"), ("no-name", "name"), ("no-sex", "sex"), ("wrong-key", "cle")],
)
def test_an_answer_can_be_spoilt(bench: Bench, ask: Ask, spoilt: str, member: str) -> None:
    good = read(ask(envelope.by_traits(TRAITS, [PERSON.first_name])))
    bench.act("main", "insi", "know", identities=[{**PERSON.as_json(), "spoilt": spoilt}])
    bad = read(ask(envelope.by_traits(TRAITS, [PERSON.first_name])))
    assert bad.code == "00"
    assert getattr(bad, member) != getattr(good, member)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"bare": True}, "desir_560"),
        ({"idam": "AUTRE"}, "desir_550"),
        ({"context": False}, "desir_550"),
        ({"operation": "rechercherInsAvecCarteVitale"}, "desir_002"),
        ({"message_id": "1"}, "desir_003"),
        ({"message_id": "uuid:00000000-0000-4000-8000-000000000001"}, ""),
        ({"message_id": "uuid:00000000-0000-4000-8000-000000000001"}, "desir_003"),
    ],
)
def test_a_call_that_breaks_a_rule_is_refused_with_its_code(ask: Ask, changed: dict[str, Any], code: str) -> None:
    answer = ask(envelope.by_traits(TRAITS, [PERSON.first_name]), **changed)
    assert read(answer).code == (code or "00")
    assert answer.status_code == (500 if code else 200)


HOSTILE = {
    "empty": b"",
    "not xml": b"\x00\x01",
    "entities": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "external": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "deep": b"<a>" * 5000 + b"</a>" * 5000,
    "soap 1.1": b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>',
    "no body": b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"/>',
    "many": b"<a>" + b"<b/>" * 100_000 + b"</a>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_messages_are_refused_and_the_service_stays(
    here: dict[str, Any], ask: Ask, web: requests.Session, name: str
) -> None:
    answer = web.post(here["url"], data=HOSTILE[name], timeout=10)
    assert answer.status_code in (400, 413)
    assert read(ask(envelope.by_traits(TRAITS, [PERSON.first_name]))).code == "00"


def test_a_message_beyond_the_bound_is_not_read(here: dict[str, Any], web: requests.Session) -> None:
    assert web.post(here["url"], data=b"x" * (300 * 1024), timeout=10).status_code == 413


def soap(head: bytes, body: bytes) -> bytes:
    return (
        b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"'
        b' xmlns:b="urn:siram:bam:ctxbam" xmlns:l="urn:siram:lps:ctxlps" xmlns:r="http://www.cnamts.fr/INSiRecSans">'
        b"<e:Header>" + head + b"</e:Header><e:Body>" + body + b"</e:Body></e:Envelope>"
    )


BODY = b"<r:RECSANSVITALE><r:NomNaissance>X</r:NomNaissance></r:RECSANSVITALE>"
# What a good message is made to say twice.
TWICE = {
    "message id": b"wsa:MessageID",
    "action": b"wsa:Action",
    "software context": b"ctxlps:ContexteLPS",
    "business context": b"ctxbam:ContexteBAM",
    "header": b"soap:Header",
    "body": b"soap:Body",
    "operation": b"ins:RECSANSVITALE",
}
BOMBS = {
    "billion laughs": b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%s;" % (b"" if n == 1 else b"%d" % (n - 1)) * 10) for n in range(1, 9))
    + b"]><a>&a8;</a>",
    "quadratic": b'<!DOCTYPE a [<!ENTITY a "' + b"a" * 50_000 + b'">]><a>' + b"&a;" * 20_000 + b"</a>",
    "utf-16 to hide a doctype": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode(
        "utf-16"
    ),
    "utf-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADw-a/+AD4-',
    "attributes": b"<a " + b" ".join(b'a%d=""' % n for n in range(30_000)) + b"/>",
    "processing instructions": b"<a>" + b"<?p?>" * 50_000 + b"</a>",
    "xinclude": soap(b"", b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'),
}


@pytest.mark.parametrize("name", TWICE)
def test_a_message_that_says_a_thing_twice_is_not_read(
    here: dict[str, Any], web: requests.Session, card: str, name: str
) -> None:
    good = envelope.request(BY_TRAITS, envelope.by_traits(TRAITS, [PERSON.first_name]), idam=here["idam"], issuer="x")
    begins, ends = good.index(b"<" + TWICE[name]), good.index(b"</" + TWICE[name] + b">") + len(TWICE[name]) + 3
    doubled = good[:ends] + good[begins:ends] + good[ends:]
    assert (web.post(here["url"], data=doubled, cert=card, timeout=10).status_code) == 400
    assert read(web.post(here["url"], data=good, cert=card, timeout=10)).code == "00"


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_within_bounds(
    here: dict[str, Any], ask: Ask, web: requests.Session, card: str, name: str
) -> None:
    answer = web.post(here["url"], data=BOMBS[name], cert=card, timeout=10)
    assert answer.status_code in (400, 413, 500)
    assert b"root:" not in answer.content
    assert read(ask(envelope.by_traits(TRAITS, [PERSON.first_name]))).code == "00"


def test_a_header_of_great_length_is_kept_short_in_the_record(
    evidence: Path, here: dict[str, Any], web: requests.Session, card: str
) -> None:
    long = soap(b"<a:Action>" + b"x" * 100_000 + b"</a:Action><a:MessageID>" + b"y" * 100_000 + b"</a:MessageID>", BODY)
    assert web.post(here["url"], data=long, cert=card, timeout=10).status_code == 500
    record = [r for r in read_journal(evidence) if r.kind == "insi.call"][-1]
    assert (len(record.data["action"]), len(record.data["message_id"])) == (200, 100)


@pytest.mark.parametrize(
    "raw",
    [
        "POST /lps HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /lps HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /lps HTTP/1.1\r\nHost: x\r\nX: " + "y" * 200_000 + "\r\n\r\n",
    ],
    ids=["smuggling", "negative length", "long header"],
)
def test_a_request_that_http_does_not_allow_leaves_the_service_there(
    here: dict[str, Any], ask: Ask, tmp_path: Path, raw: str
) -> None:
    (tmp_path / "ca.pem").write_text(here["ca_pem"])
    context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    context.check_hostname = False
    port = int(here["url"].rpartition(":")[2].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port), 10) as bare, context.wrap_socket(bare) as line:
        line.settimeout(10)
        said = b""
        # The service may hang up before it has heard all.
        with contextlib.suppress(OSError):
            line.sendall(raw.encode())
            said = line.recv(4096)
        assert b" 200 " not in said.partition(b"\r\n")[0]
    assert read(ask(envelope.by_traits(TRAITS, [PERSON.first_name]))).code == "00"


def test_former_matricules_come_beside_the_active_one(bench: Bench, ask: Ask) -> None:
    former = {"matricule": "1" * 13, "cle": "01", "oid": PERSON.oid, "begins": "2020-01-01", "ends": "2010-01-01"}
    bench.act("main", "insi", "know", identities=[{**PERSON.as_json(), "history": [former]}])
    answer = ask(envelope.by_traits(TRAITS, [PERSON.first_name]))
    told = read(answer)
    assert (told.matricule, told.former) == (PERSON.matricule, (("1" * 13, "01", PERSON.oid),))
    assert b"<insi:DateDeb>2020-01-01</insi:DateDeb><insi:DateFin>2010-01-01</insi:DateFin>" in answer.content


def lot(here: dict[str, Any], *changed: dict[str, str]) -> Any:
    whole = {"NumIdentifiant": PERSON.matricule, "Cle": PERSON.cle, "OID": PERSON.oid, **TRAITS}
    asked = {f"ref-{n}": ({**whole, **one}, PERSON.first_name) for n, one in enumerate(changed)}
    return envelope.batch(here["verification"]["namespace"], asked)


def test_a_batch_is_deposited_then_collected_once_it_is_done(evidence: Path, here: dict[str, Any], ask: Ask) -> None:
    shape = here["verification"]
    deposited = read(ask(lot(here, {}, {"Cle": "00"}, {"NomNaissance": "AUTRE"}), shape["deposit"]))
    assert deposited.code == "00"
    record = [r for r in read_journal(evidence) if r.kind == "insi.call"][-1]
    assert record.data["batch"] == [PERSON.matricule] * 3
    assert PERSON.matricule in record.marks
    told = [read(ask(envelope.collection(shape["namespace"], deposited.batch), shape["collect"])) for _ in range(2)]
    assert [one.code for one in told] == ["EC", "00"]
    assert dict(told[1].verified) == {"ref-0": "00", "ref-1": "KO", "ref-2": "KO"}


def test_a_batch_of_none_and_one_that_is_not_known_are_answered(here: dict[str, Any], ask: Ask) -> None:
    shape = here["verification"]
    assert read(ask(lot(here), shape["deposit"])).code == "01"
    assert read(ask(envelope.collection(shape["namespace"], "LOT-999999"), shape["collect"])).code == "01"


def test_the_batches_that_are_held_are_bounded() -> None:
    register = Register()
    register.add([Known.of(PERSON.as_json())])
    batches = Batches(register)
    assert batches.deposit([Asked("r", {}, ())] * (MAX_IDENTITIES + 1)) == ""
    numbers = [batches.deposit([Asked("r", {}, ())]) for _ in range(MAX_BATCHES + 1)]
    assert batches.collect(numbers[0]) == ("01", ())
    assert batches.collect(numbers[1])[0] == "EC"


@pytest.mark.parametrize("history", [[{}], ["x"], 3])
def test_a_history_of_another_shape_is_a_card(bench: Bench, history: object) -> None:
    with pytest.raises(UsageError):
        bench.act("main", "insi", "know", identities=[{**PERSON.as_json(), "history": history}])


def test_what_the_bench_may_not_tell_is_a_card(bench: Bench) -> None:
    for action, members in (("know", {"identities": [{}]}), ("know", {"identities": 3}), ("fault", {"fault": "x"})):
        with pytest.raises(UsageError):
            bench.act("main", "insi", action, **members)


def test_a_fault_comes_once(bench: Bench, ask: Ask) -> None:
    bench.act("main", "insi", "fault", fault="unavailable")
    codes = [read(ask(envelope.by_traits(TRAITS, [PERSON.first_name]))).code for _ in range(2)]
    assert codes == ["desir_900", "00"]


def test_a_fault_that_nobody_met_ends_when_it_is_cleared(bench: Bench, ask: Ask) -> None:
    bench.act("main", "insi", "fault", fault="unavailable", times=3)
    bench.act("main", "insi", "clear")
    assert read(ask(envelope.by_traits(TRAITS, [PERSON.first_name]))).code == "00"


def test_each_call_is_written_down_with_its_messages(evidence: Path, ask: Ask) -> None:
    ask(envelope.by_traits(TRAITS, [PERSON.first_name]))
    record = [r for r in read_journal(evidence) if r.kind == "insi.call"][-1]
    assert record.data["certificate"] == "INSI-AUTO"
    assert set(record.blobs) == {"request", "answer"}
    assert PERSON.matricule in record.marks


def test_names_are_compared_as_insi_does() -> None:
    known = Known("D'ÉPÎNE-ESSAI", ("Anne-Marie", "Zoé"), "F", "1950-02-03", "96001", "2" * 13, "01", "1.2")
    assert known.meets({"NomNaissance": "d epine essai"}, ("ZOE",))
    assert not known.meets({"NomNaissance": "d epine"}, ("ZOE",))
    assert not known.meets({}, ())


WSDL = """<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap12/"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" xmlns:q="http://www.cnamts.fr/INSiRecSans" targetNamespace="urn:t">
<types><xs:schema targetNamespace="http://www.cnamts.fr/INSiRecSans" elementFormDefault="qualified">
<xs:element name="RECSANSVITALE"><xs:complexType><xs:sequence>
<xs:element name="NomNaissance" type="xs:string"/><xs:element name="Prenom" type="xs:string" maxOccurs="unbounded"/>
<xs:element name="Sexe" type="xs:string"/><xs:element name="DateNaissance" type="xs:string"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>
<xs:schema targetNamespace="http://www.cnamts.fr/INSiResultat"><xs:element name="RESULTAT"><xs:complexType><xs:sequence>
<xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element></xs:schema></types>
<message name="in"><part name="body" element="q:RECSANSVITALE"/></message>
<message name="out"><part name="body" element="r:RESULTAT" xmlns:r="http://www.cnamts.fr/INSiResultat"/></message>
<portType name="p"><operation name="rechercher"><input message="t:in"/><output message="t:out"/></operation></portType>
<binding name="b" type="t:p"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="rechercher"><soap:operation soapAction="urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvecTraitsIdentite"/>
<input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
<service name="s"><port name="p" binding="t:b"><soap:address location="LOCATION"/></port></service></definitions>
"""


def test_zeep_searches_by_traits(here: dict[str, Any], web: requests.Session, card: str, tmp_path: Path) -> None:
    zeep = pytest.importorskip("zeep", reason="zeep is not installed")
    from zeep.transports import Transport

    path = tmp_path / "insi.wsdl"
    path.write_text(WSDL.replace("LOCATION", here["url"]))
    web.cert = card
    client = zeep.Client(str(path), transport=Transport(session=web))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    heads = []
    for namespace, name, members in (
        ("urn:siram:bam:ctxbam", "ContexteBAM", {"Id": str(uuid4()), "Temps": now, "Emetteur": here["issuer"]}),
        (
            "urn:siram:lps:ctxlps",
            "ContexteLPS",
            {"Id": str(uuid4()), "Temps": now, "Emetteur": here["issuer"], "IDAM": here["idam"]},
        ),
        ("http://www.w3.org/2005/08/addressing", "MessageID", f"uuid:{uuid4()}"),
    ):
        head = etree.Element(f"{{{namespace}}}{name}")
        if isinstance(members, str):
            head.text = members
        else:
            for member, value in members.items():
                etree.SubElement(head, f"{{{namespace}}}{member}").text = value
        heads.append(head)
    action = etree.Element("{http://www.w3.org/2005/08/addressing}Action")
    action.text = f"urn:ServiceIdentiteCertifiee:1.0.0:{BY_TRAITS}"
    with client.settings(raw_response=True):
        answer = client.service.rechercher(
            NomNaissance=PERSON.birth_name,
            Prenom=[PERSON.first_name],
            Sexe=PERSON.sex,
            DateNaissance=PERSON.birth_date,
            _soapheaders=[*heads, action],
        )
    assert read(answer).matricule == PERSON.matricule
