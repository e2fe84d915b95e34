"""TLS towards the operator: the offer, the version and the suite, under two waves of the referential."""

import pytest

from conformance import _bundled
from conformance.checks.subjects.tls import TlsOffer, is_grease, suite_number
from conformance.core.profile import load_profile
from conformance.core.words import Level
from conformance.judge import Judge
from tests.checks.journals import IMAP, PSC, Play

WAVE_1 = {"tls": {"versions": ["TLSv1.2"], "suites": ["0xC030", "0xC02F", 0xC028, "0xC027"]}}
ALL = (Level.ERROR, Level.WARNING)


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def test_an_allowed_session_has_no_fault(play):
    play.hello(("TLSv1.2", "TLSv1.3"), ("0x1302", "0xC030", "0x00FF", "0x5600", "0x5A5A"))
    play.handshake("TLSv1.2", "0xC030")
    for check_id in ("tls.version", "tls.suite", "tls.offer"):
        assert len(play.subjects(check_id)) == 1
        assert play.codes(check_id, levels=ALL) == []


def test_a_session_in_tls_1_1_is_refused(play):
    play.handshake("TLSv1.1", "0xC030")
    (found,) = play.findings("tls.version")
    assert found.code == "tls.version.refused"
    assert found.got == "TLSv1.1"
    assert found.evidence == ("mssante.smtp/a/1",)


def test_the_same_session_passes_wave_2_and_fails_wave_1(play):
    play.handshake("TLSv1.3", "0x1302")
    assert play.codes("tls.version") == []
    assert play.codes("tls.version", WAVE_1) == ["tls.version.refused"]
    assert play.codes("tls.suite", WAVE_1) == []


def test_a_suite_outside_the_list_is_refused(play):
    play.handshake("TLSv1.2", "0x002F", service=IMAP)
    (found,) = play.findings("tls.suite")
    assert (found.code, found.got) == ("tls.suite.refused", "0x002F SUITE")


def test_a_suite_of_wave_2_only_fails_under_wave_1(play):
    play.handshake("TLSv1.2", "0x009F")
    assert play.codes("tls.suite") == []
    assert play.codes("tls.suite", WAVE_1) == ["tls.suite.refused"]
    assert play.codes("tls.suite", {"tls.suites": [0x009F]}) == []


def test_an_offer_without_any_allowed_suite_is_an_error(play):
    play.hello(("TLSv1.2",), ("0x002F", "0x0A0A", "0x00FF"))
    assert play.codes("tls.offer") == ["tls.offer.no-suite"]
    assert play.codes("tls.offer", levels=(Level.WARNING,)) == ["tls.offer.more-suites"]


def test_an_offer_of_tls_1_3_alone_needs_no_suite_of_tls_1_2(play):
    play.hello(("TLSv1.3",), ("0x1301", "0x1302"))
    assert play.codes("tls.offer", levels=ALL) == []
    assert play.codes("tls.offer", WAVE_1) == ["tls.offer.no-version", "tls.offer.no-suite"]


def test_a_wider_offer_is_a_warning_only(play):
    play.hello(("TLSv1.3", "TLSv1.2", "TLSv1.1"), ("0xC030", "0xCCA8"))
    findings = play.findings("tls.offer")
    assert [(f.code, f.level, f.got) for f in findings] == [
        ("tls.offer.more-suites", Level.WARNING, "0xCCA8"),
        ("tls.offer.more-versions", Level.WARNING, "TLSv1.1"),
    ]


def test_an_offer_of_old_versions_only_is_an_error(play):
    play.hello(("TLSv1.1", "TLSv1"), ("0xC030",))
    assert play.codes("tls.offer") == ["tls.offer.no-version"]


def test_a_failed_handshake_is_no_session_and_other_services_are_not_the_operator(play):
    play.handshake("TLSv1.1", outcome="failed")
    play.handshake("TLSv1.1", service=PSC)
    play.hello(("TLSv1",), ("0x002F",), service=PSC)
    assert play.subjects("tls.version") == []
    assert play.subjects("tls.offer") == []


def test_a_hello_without_the_extension_offers_its_legacy_version_and_older(play):
    play.wire("mssante.smtp", "tls.client-hello", suites=["0xC030"], legacy_version="TLSv1.2")
    (offer,) = TlsOffer.of(play.observation())
    assert offer.versions[0] == "TLSv1.2"
    assert "TLSv1.3" not in offer.versions


@pytest.mark.parametrize(
    ("value", "number"), [("0xC030", 0xC030), (49200, 49200), ("c030", 0xC030), ("?", None), (True, None)]
)
def test_suites_are_read_by_number(value, number):
    assert suite_number(value) == number


def test_grease_values_are_the_sixteen_of_the_rfc():
    assert [n for n in range(0x10000) if is_grease(n)] == [0x0A0A + 0x1010 * n for n in range(16)]


GOOD = {
    "versions": ["TLSv1.2"],
    "suites": ["0xC030", "0x00FF", "0x0A0A"],
    "groups": ["0x001D"],
    "signatures": ["0x0403"],
}


@pytest.mark.parametrize(
    ("member", "value", "codes"),
    [
        ("versions", "TLSv1.3", []),
        ("versions", "TLSv1.1", ["versions"]),
        ("suites", "0x1301", []),
        ("suites", "0x009C", ["suites"]),
        ("suites", "0xC014", ["suites"]),
        ("groups", "0x0100", []),
        ("groups", "0x11EC", []),
        ("groups", "0x0015", ["groups"]),
        ("signatures", "0x0804", []),
        ("signatures", "0x0201", ["signatures"]),
        ("signatures", "0x0303", ["habit"]),
        ("signatures", "0x0402", ["habit"]),
    ],
)
def test_the_offer_to_any_service_is_of_what_is_recommended(tmp_path, member, value, codes):
    play = Play(tmp_path)
    offered = {**GOOD, member: [*GOOD[member], value]}
    play.wire(
        "psc", "tls.client-hello", session="s1", legacy_version="TLSv1.2", versions=offered["versions"],
        suites=offered["suites"], groups=offered["groups"], signature_algorithms=offered["signatures"],
    )  # fmt: skip
    found = play.codes("tls.recommended-offer", levels=[Level.ERROR, Level.WARNING])
    assert found == [f"tls.recommended-offer.{code}" for code in codes]


@pytest.mark.parametrize(
    ("version", "suite", "wave_1", "wave_2"),
    [
        ("TLSv1.2", "0xC030", "pass", "pass"),
        ("TLSv1.2", "0x009F", "fail", "pass"),
        ("TLSv1.3", "0x1302", "fail", "pass"),
        ("TLSv1.2", "0x009C", "fail", "fail"),
        ("TLSv1.1", "0xC014", "fail", "fail"),
    ],
)
def test_the_same_evidence_is_judged_under_both_waves(tmp_path, version, suite, wave_1, wave_2):
    play = Play(tmp_path, scenario="mss.configure-box")
    play.handshake(version, suite)
    observation = play.observation()
    shipped = {path.stem: load_profile(path) for path in _bundled.folder("profiles").glob("*.yaml")}
    rows = {"ms1-dui-va1": {"SC.MSS.17.MS1#tls"}, "socle-va2": {"MSS/CONF.01#negotiated", "MSS/CONF.03#suite"}}
    found = {}
    for name, wanted in rows.items():
        answers = Judge(play.evidence, shipped[name]).scenario(observation)
        verdicts = [str(v.verdict) for r, v in answers if f"{r.id}#{v.aspect.id}" in wanted]
        found[name] = "fail" if "fail" in verdicts else "/".join(sorted(set(verdicts)))
    assert found == {"ms1-dui-va1": wave_1, "socle-va2": wave_2}
