"""The structure's directory, met by OpenLDAP's ``ldapsearch`` as a client of others, then byte by byte."""

import base64
import shutil
import socket
import subprocess

import pytest

from conformance.core.errors import UsageError
from conformance.evidence.journal import read_journal
from conformance.ldap import ber, filters, messages
from conformance.ldap.ber import Malformed
from conformance.services.client import Bench
from conformance.services.ldap.people import GROUPS, PEOPLE, group_dn, person_dn

SEARCH = shutil.which("ldapsearch")
by_openldap = pytest.mark.skipif(SEARCH is None, reason="ldapsearch (Debian ldap-utils) is not on this machine")
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
def search(told, tmp_path):
    """A search: its result code, and each entry as its attributes with their values."""
    secret = tmp_path / "password"
    secret.write_text(told["password"], encoding="ascii")
    address = ["-H", f"ldap://{told['host']}:{told['port']}", "-LLL", "-o", "ldif-wrap=no", "-o", "nettimeout=10"]

    def searched(
        base, asked, *attributes, scope="sub", credentials=("-D", told["bind_dn"], "-y", str(secret)), more=()
    ):
        command = [SEARCH, "-x", *address, *credentials, *more, "-b", base, "-s", scope, asked, *attributes]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        return done.returncode, [entry for block in done.stdout.split("\n\n") if (entry := read(block))]

    return searched


def read(block):
    """One entry of an LDIF (RFC 2849): attributes and their values."""
    entry = {}
    for line in block.splitlines():
        name, _, value = line.partition(":")
        coded = value.startswith(":")
        value = base64.b64decode(value[1:]).decode() if coded else value.strip()
        entry.setdefault(name, []).append(value)
    return entry


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
@by_openldap
def test_a_search_finds_who_meets_its_filter(search, asked, found) -> None:
    code, entries = search(PEOPLE, asked, "uid")
    assert code == 0
    assert {uid for entry in entries for uid in entry["uid"]} == found


@by_openldap
def test_an_entry_holds_its_attributes_and_a_group_its_members(search) -> None:
    _, (leo,) = search(person_dn("leo"), "(objectClass=*)", scope="base")
    assert leo["cn"] == ["Léo FICTIF"]
    _, (group,) = search(GROUPS, "(objectClass=groupOfNames)", "member", scope="one")
    assert (group["dn"], group["member"]) == ([group_dn("habilites")], [person_dn("ana")])


@by_openldap
def test_what_is_not_played_is_said(search, told, tmp_path) -> None:
    assert search("dc=nowhere,dc=test", "(objectClass=*)")[0] == messages.NO_OBJECT
    assert search(PEOPLE, "(uid=*)", more=("-E", "!pr=2/noprompt"))[0] == messages.CRITICAL
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong", encoding="ascii")
    assert search(PEOPLE, "(uid=*)", credentials=("-D", told["bind_dn"], "-y", str(wrong)))[0] == messages.CREDENTIALS
    code, entries = search(PEOPLE, "(uid=*)", credentials=())
    assert (code in (messages.RIGHTS, messages.CREDENTIALS), entries) == (True, [])


@by_openldap
def test_what_was_asked_is_recorded_without_the_password(search, told, evidence) -> None:
    search(PEOPLE, "(&(uid=ana)(sn=E*S*I))", "mail")
    records = list(read_journal(evidence))
    found = [r for r in records if r.kind == "ldap.search"][-1]
    assert (found.data["filter"], found.data["entries"]) == ("(&(uid=ana)(sn=E*S*I))", 1)
    assert found.marks == ("ana",)
    assert all(told["password"] not in str(r.data) for r in records)


@by_openldap
def test_people_come_change_and_leave(bench, search) -> None:
    bench.act("main", "ldap", "put", people=[{**LEO, "family": "AUTRE"}])
    bench.act("main", "ldap", "put", people=[{**ANA, "uid": "passage"}])
    bench.act("main", "ldap", "remove", uid="passage")
    assert [entry["uid"] for entry in search(PEOPLE, "(|(sn=AUTRE)(uid=passage))", "uid")[1]] == [["leo"]]
    bench.act("main", "ldap", "put", people=[LEO])


def test_people_of_another_shape_are_refused(bench) -> None:
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
@by_openldap
def test_what_is_no_request_ends_the_connection_and_nothing_else(told, search, content) -> None:
    with socket.create_connection((told["host"], told["port"]), timeout=10) as line:
        line.sendall(content)
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100) == b""
    assert len(search(PEOPLE, "(uid=ana)")[1]) == 1


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
