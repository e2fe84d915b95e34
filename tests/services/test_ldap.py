"""The structure's directory, met by ldap3 as a client of its own, then byte by byte."""

import socket
import warnings

import pytest

from conformance.core.errors import UsageError
from conformance.evidence.journal import read_journal
from conformance.ldap import ber, filters, messages
from conformance.ldap.ber import Malformed
from conformance.services.client import Bench
from conformance.services.ldap.people import GROUPS, PEOPLE, group_dn, person_dn

with warnings.catch_warnings():
    # It names parts of its ASN.1 library by their former names.
    warnings.simplefilter("ignore")
    ldap3 = pytest.importorskip("ldap3", reason="ldap3 is not installed")

ANA = {"uid": "ana", "family": "ESSAI", "given": "Ana", "mail": "ana@structure.test", "groups": ["habilites"]}
LEO = {"uid": "leo", "family": "FICTIF", "given": "Léo", "mail": "leo@structure.test"}


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    return tmp_path_factory.mktemp("ldap") / "evidence"


@pytest.fixture(scope="module")
def bench(bench_home, evidence):
    with Bench.start(evidence, bench_home, ["main"]) as bench:
        bench.act("main", "ldap", "put", people=[ANA, LEO])
        yield bench


@pytest.fixture
def told(bench):
    return bench.service("main", "ldap")


@pytest.fixture
def client(told):
    server = ldap3.Server(told["host"], port=told["port"], get_info=ldap3.NONE, connect_timeout=10)
    client = ldap3.Connection(server, told["bind_dn"], told["password"], auto_bind=True, receive_timeout=10)
    yield client
    client.unbind()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("(uid=ANA)", {"ana"}),
        ("(&(objectClass=inetOrgPerson)(!(uid=ana)))", {"leo"}),
        ("(|(sn=ess*)(mail=*fict*)(cn=*FICTIF))", {"ana", "leo"}),
        ("(&(uid>=b)(uid<=z))", {"leo"}),
        (f"(memberOf=cn=habilites,{GROUPS})", {"ana"}),
        ("(telephoneNumber=*)", set()),
    ],
)
def test_a_search_finds_who_meets_its_filter(client, asked, found) -> None:
    client.search(PEOPLE, asked, attributes=["uid"])
    assert client.result["result"] == 0
    assert {entry.uid.value for entry in client.entries} == found


def test_an_entry_holds_its_attributes_and_a_group_its_members(client) -> None:
    client.search(person_dn("leo"), "(objectClass=*)", search_scope=ldap3.BASE, attributes=["*"])
    assert client.entries[0].cn.value == "Léo FICTIF"
    client.search(GROUPS, "(objectClass=groupOfNames)", search_scope=ldap3.LEVEL, attributes=["member"])
    assert (client.entries[0].entry_dn, client.entries[0].member.value) == (group_dn("habilites"), person_dn("ana"))


def test_what_is_not_played_is_said(client, told) -> None:
    client.search("dc=nowhere,dc=test", "(objectClass=*)")
    assert client.result["result"] == messages.NO_OBJECT
    paged = [("1.2.840.113556.1.4.319", True, b"0\x05\x02\x01\x02\x04\x00")]
    client.search(PEOPLE, "(uid=*)", controls=paged)
    assert client.result["result"] == messages.CRITICAL
    server = ldap3.Server(told["host"], port=told["port"], get_info=ldap3.NONE)
    wrong = ldap3.Connection(server, told["bind_dn"], "wrong")
    assert not wrong.bind()
    wrong.unbind()
    stranger = ldap3.Connection(server)
    stranger.open()
    stranger.search(PEOPLE, "(uid=*)")
    assert stranger.result["result"] in (messages.RIGHTS, messages.CREDENTIALS)
    stranger.unbind()


def test_what_was_asked_is_recorded_without_the_password(client, told, evidence) -> None:
    client.search(PEOPLE, "(&(uid=ana)(sn=E*S*I))", attributes=["mail"])
    records = list(read_journal(evidence))
    search = [r for r in records if r.kind == "ldap.search"][-1]
    assert (search.data["filter"], search.data["entries"]) == ("(&(uid=ana)(sn=E*S*I))", 1)
    assert search.marks == ("ana",)
    assert all(told["password"] not in str(r.data) for r in records)


def test_people_come_change_and_leave(bench, client) -> None:
    bench.act("main", "ldap", "put", people=[{**LEO, "family": "AUTRE"}])
    bench.act("main", "ldap", "put", people=[{**ANA, "uid": "passage"}])
    bench.act("main", "ldap", "remove", uid="passage")
    client.search(PEOPLE, "(|(sn=AUTRE)(uid=passage))", attributes=["uid"])
    assert [entry.uid.value for entry in client.entries] == ["leo"]
    bench.act("main", "ldap", "put", people=[LEO])
    for wrong in (None, [{"uid": "x"}], [{**LEO, "groups": "x"}]):
        with pytest.raises(UsageError):
            bench.act("main", "ldap", "put", people=wrong)
    with pytest.raises(UsageError):
        bench.act("main", "ldap", "remove")


@pytest.mark.parametrize(
    "content",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x80",
        b"\x30\x03\x02\x01\x01",
        ber.element(ber.SEQUENCE, ber.number(1), b"\x63\x00"),
        ber.element(ber.SEQUENCE, ber.number(1), b"\x7f\x00"),
    ],
)
def test_what_is_no_request_ends_the_connection_and_nothing_else(told, client, content) -> None:
    with socket.create_connection((told["host"], told["port"]), timeout=10) as line:
        line.sendall(content)
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100) == b""
    assert client.search(PEOPLE, "(uid=ana)")


def test_elements_are_bounded_in_depth_and_read_as_they_were_written() -> None:
    deep = b""
    for _ in range(ber.MAX_DEPTH + 2):
        deep = ber.element(ber.SEQUENCE, deep)
    with pytest.raises(Malformed):
        ber.decode(deep)
    assert [ber.decode(ber.number(n)).number for n in (0, 127, 128, -129, 2**31)] == [0, 127, 128, -129, 2**31]
    assert ber.decode(ber.octets("é" * 300)).text == "é" * 300
    asked = messages.read_search(ber.decode(messages.search(PEOPLE, "inetOrgPerson", ["uid"])))
    assert filters.written(asked.filter) == "(objectClass=inetOrgPerson)"
    assert (asked.base, asked.scope, asked.attributes) == (PEOPLE, messages.SUBTREE, ("uid",))
