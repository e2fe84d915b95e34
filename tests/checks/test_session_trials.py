"""Sessions, rights, structures and files, on journals played by hand: what concludes, and what does not."""

import pytest

from conformance.core.words import Provenance
from tests.checks.journals import LANE
from tests.checks.test_accounts import FORM, Trials
from tests.checks.test_psc_front import HOME, LOGIN

RECORD = "http://dui.test/personnes/p"


class Rights(Trials):
    """A window in which sessions end, and structures and files come."""

    def after(self, label, opened):
        self.visit(label, "after", 200 if opened else 302, url=HOME, location=None if opened else LOGIN)

    def probe(self, case, outcome="answered", status=200, *, kind="finess", number="990000017"):
        mark = f"entrance:{case}"
        self.bench("expectation", name="structure", case=case, kind=kind, number=number, marks=(mark,))
        data = {"window": self.window, "case": case, "outcome": outcome, "status": status, "reason": "ALERT"}
        self.journal.append("scenario", LANE, "probe.entrance", provenance=Provenance.PROBE, data=data, marks=(mark,))

    def told(self, operation, body):
        self.bench("stimulus", operation=operation, parameters={})
        self.bench("answer", operation=operation, status=200, outcome="done", body=body, provenance=Provenance.PRODUCT)


@pytest.fixture
def door(tmp_path):
    return Rights(tmp_path)


@pytest.mark.parametrize("opened", [True, False])
def test_a_browser_opened_again(door, opened) -> None:
    door.tries("reopened")
    door.bench("expectation", name="browser-closed", label="reopened")
    door.after("reopened", opened)
    assert door.codes("session.browser-closed") == (["session.browser-closed.open"] if opened else [])
    assert len(door.subjects("session.browser-closed")) == 1


def test_a_session_that_was_never_open_did_not_close(door) -> None:
    door.tries("reopened", opened=False)
    door.bench("expectation", name="browser-closed", label="reopened")
    door.after("reopened", opened=False)
    assert door.subjects("session.browser-closed") == []


@pytest.mark.parametrize(
    ("short", "long", "codes"),
    [
        (False, True, []),
        (True, True, ["session.idle-setting.long"]),
        (False, False, ["session.idle-setting.short"]),
    ],
)
def test_the_idle_time_that_was_set(door, short, long, codes) -> None:
    door.bench("expectation", name="idle-setting", short="short", long="long")
    for label, opened in (("short", short), ("long", long)):
        door.tries(label)
        door.after(label, opened)
    assert door.codes("session.idle-setting") == codes


def comes_back(door, label, opened, *, closed=True, answered=True):
    door.tries(label)
    door.visit(label, "between", 302 if closed else 200, url=HOME, location=LOGIN)
    door.visit(label, "again-sent", 200 if answered else 0, url=FORM)
    door.after(label, opened)


@pytest.mark.parametrize(
    ("within", "beyond", "delay", "setting"),
    [
        (True, False, [], []),
        (True, True, ["account.one-factor-delay.open"], ["account.one-factor-setting.same"]),
        (False, False, [], ["account.one-factor-setting.same"]),
    ],
)
def test_one_factor_within_and_past_the_delay(door, within, beyond, delay, setting) -> None:
    door.bench("expectation", name="one-factor", within="within", beyond="beyond")
    comes_back(door, "within", within)
    comes_back(door, "beyond", beyond)
    assert door.codes("account.one-factor-delay") == delay
    assert door.codes("account.one-factor-setting") == setting


@pytest.mark.parametrize("fault", ["closed", "answered"])
def test_a_session_still_open_or_a_form_without_answer_proves_no_refusal(door, fault) -> None:
    door.bench("expectation", name="one-factor", within="within", beyond="beyond")
    comes_back(door, "within", True)
    comes_back(door, "beyond", False, **{fault: False})
    assert door.subjects("account.one-factor-delay") == []


def looks(door, *, seen=("NOM",), shown=(), admitted=True):
    door.bench("expectation", name="record-look", professional="pro", administrator="admin", shown="NOM")
    door.tries("pro")
    door.visit("pro", "record", url=RECORD, shows=seen)
    door.tries("admin", opened=admitted)
    door.visit("admin", "record", 200 if shown else 403, url=RECORD, shows=shown)


@pytest.mark.parametrize("shown", [(), ("NOM",)])
def test_what_an_administrator_sees(door, shown) -> None:
    looks(door, shown=shown)
    assert door.codes("rights.administrator") == (["rights.administrator.shown"] if shown else [])
    assert len(door.subjects("rights.administrator")) == 1


@pytest.mark.parametrize("control", [{"seen": ()}, {"admitted": False}])
def test_a_record_that_nobody_was_shown_proves_nothing(door, control) -> None:
    looks(door, **control)
    assert door.subjects("rights.administrator") == []


def process(door, *, opened=False, again=200, disabled=401):
    door.bench("expectation", name="service-account", machine="machine", screen="screen", person="person")
    door.tries("person")
    door.bench("expectation", name="browser", label="machine", marks=("browser:machine",))
    door.visit("machine", "call", url="http://dui.test/api")
    door.tries("screen", opened=opened, sent=401)
    door.visit("machine", "again", again, url="http://dui.test/api")
    door.visit("machine", "disabled", disabled, url="http://dui.test/api")


def test_a_service_account_at_the_screen_and_once_disabled(door) -> None:
    process(door, opened=True, disabled=200)
    assert door.codes("account.service-login") == ["account.service-login.open"]
    assert door.codes("account.service-disabled") == ["account.service-disabled.works"]


def test_a_service_account_that_never_worked_was_not_refused(door) -> None:
    process(door, again=401)
    assert door.subjects("account.service-login") == door.subjects("account.service-disabled") == []


def test_structures_with_good_and_bad_certificates(door) -> None:
    for case in ("good-finess", "good-again"):
        door.probe(case)
    door.probe("good-siren", status=403, kind="siren")
    door.probe("stranger", status=403, number="990000025")
    door.probe("expired", "refused", 0)
    door.probe("revoked")
    assert door.codes("structure.valid") == []
    assert door.codes("structure.identified") == ["structure.identified.refused"]
    assert door.codes("structure.refused") == ["structure.refused.let-in"]
    assert len(door.subjects("structure.refused")) == 2


@pytest.mark.parametrize(("outcome", "status"), [("unreachable", 0), ("answered", 503)])
def test_an_entrance_that_is_down_refuses_nobody(door, outcome, status) -> None:
    door.probe("good-finess")
    door.probe("good-again")
    door.probe("expired", outcome, status)
    assert door.subjects("structure.refused") == []


def test_bad_certificates_are_refused_beside_a_good_one_only(door) -> None:
    door.probe("good-finess", status=403)
    door.probe("good-again", status=403)
    door.probe("expired", "refused", 0)
    assert door.codes("structure.valid") == ["structure.valid.refused"]
    assert door.subjects("structure.refused") == []


def test_a_visit_is_traced_beyond_the_making_of_its_account(door) -> None:
    door.told("read_traces", {"traces": [{"action": "allow", "object": "1990000017"}]})
    door.probe("good-finess")
    door.told("read_traces", {"traces": [{"action": "allow", "object": "1990000017"}]})
    assert door.codes("structure.traced") == ["structure.traced.unnamed"]


@pytest.mark.parametrize("shown", [True, False])
def test_an_infected_upload(door, shown) -> None:
    door.tries("record")
    door.bench("expectation", name="infected-upload", label="record", clean="a.txt", infected="b.txt")
    door.visit("record", "unfiled", url=RECORD)
    for _ in range(2):
        door.bench("stimulus", operation="upload_file", parameters={})
    door.visit("record", "filed", url=RECORD, shows=("a.txt", "b.txt") if shown else ("a.txt",))
    assert door.codes("antivirus.upload") == (["antivirus.kept"] if shown else [])
    assert len(door.subjects("antivirus.upload")) == 1


@pytest.mark.parametrize(("before", "after"), [((), ()), (("b.txt",), ("a.txt",))])
def test_a_page_that_shows_no_file_or_showed_it_before_proves_nothing(door, before, after) -> None:
    door.tries("record")
    door.bench("expectation", name="infected-upload", label="record", clean="a.txt", infected="b.txt")
    door.visit("record", "unfiled", url=RECORD, shows=before)
    for _ in range(2):
        door.bench("stimulus", operation="upload_file", parameters={})
    door.visit("record", "filed", url=RECORD, shows=after)
    assert door.subjects("antivirus.upload") == []


@pytest.mark.parametrize(
    ("text", "named"),
    [("ESSAI-1", False), ("DUPONT seul", False), ("Dupont 1950-02-03", True), ("190027512345678", True), ("", None)],
)
def test_who_a_test_set_still_names(door, text, named) -> None:
    traits = {"key": "p", "matricule": "190027512345678", "birth_name": "DUPONT", "birth_date": "1950-02-03"}
    door.bench("population.person", **traits)
    door.told("make_test_set", {"set": text} if text else {})
    assert [bool(s.found) for s in door.subjects("anonymous.test-set")] == ([] if named is None else [named])


def impostor(door, fault, *, control=True):
    told = {"fault": fault, "peer": "insi", "domain": "impostor.test", "identity": {"birth_name": "DUPONT"}}
    door.bench("expectation", name="impostor", control=["insi.call"], marks=("impostor.test",), **told)
    if control:
        door.wire("insi", "insi.call", code="00")


def hears(door, query, session="s1"):
    data = {"method": "GET", "path": "/", "query": query, "domain": "impostor.test", "fault": "clear"}
    door.wire("impostor", "impostor.request", session=session, marks=("impostor.test",), **data)


@pytest.mark.parametrize(("query", "told"), [("nom=dupont", True), ("nom=autre", False)])
def test_what_is_told_in_clear(door, query, told) -> None:
    impostor(door, "clear")
    hears(door, query)
    door.close()
    assert door.codes("clear.national-service") == (["clear.national-service.told"] if told else [])
    assert len(door.subjects("clear.national-service")) == 1


def test_an_impostor_that_took_a_request_was_trusted(door) -> None:
    impostor(door, "expired")
    shaken = {"outcome": "ok", "alert": None, "alert_by": None, "domain": "impostor.test", "fault": "expired"}
    door.wire("impostor", "tls.handshake", session="s1", marks=("impostor.test",), **shaken)
    hears(door, "")
    door.close()
    assert door.codes("tls.refuses-national-service") == ["tls.refuses.trusted"]


@pytest.mark.parametrize("fault", ["clear", "expired"])
def test_without_the_good_service_nothing_is_concluded(door, fault) -> None:
    impostor(door, fault, control=False)
    door.close()
    assert door.subjects("clear.national-service") == door.subjects("tls.refuses-national-service") == []
