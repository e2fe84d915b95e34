"""Identity vigilance on journals played by hand: what leaves of an identity, and what is concluded from it."""

import pytest

from conformance.core.words import Level, Provenance
from conformance.dmp import codes
from tests.checks.journals import Play
from tests.checks.mails import DOCTOR, carrier, person, spec

QUALIFIED = person()
CASE = {"case": "essai", "person": "p", "to": DOCTOR, "matricule": QUALIFIED.ins, "oid": QUALIFIED.oid}
NAMED = {"birth_name": QUALIFIED.birth_name, "birth_date": QUALIFIED.birth_date}
ALL = tuple(Level)


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def case(play, status="qualifiee"):
    carried = status == "qualifiee"
    play.bench("expectation", name="ins-case", status=status, carried=carried, marks=(DOCTOR,), **CASE, **NAMED)


def send(play, status="qualifiee", *to):
    play.message(carrier(spec(status=status)), *(to or (DOCTOR,)))


@pytest.mark.parametrize(("status", "check"), [("qualifiee", "diffused"), ("recuperee", "withheld")])
def test_what_leaves_as_its_status_asks_passes(play, status, check) -> None:
    case(play, status)
    send(play, status)
    assert play.codes(f"vigilance.{check}", levels=ALL) == []
    assert len(play.subjects(f"vigilance.{check}")) == 1


def test_a_qualified_identity_without_its_ins_fails(play) -> None:
    case(play)
    send(play, "validee")
    assert play.codes("vigilance.diffused") == ["vigilance.diffused.ins"]


def test_a_qualified_identity_of_which_nothing_came_fails_in_a_settled_window_only(play) -> None:
    case(play)
    assert play.codes("vigilance.diffused") == ["vigilance.diffused.none"]


def test_nothing_is_concluded_of_a_window_that_was_hindered(play) -> None:
    case(play)
    case(play, "validee")
    play.hinder()
    assert play.subjects("vigilance.diffused") == play.subjects("vigilance.withheld") == []


def test_an_unqualified_identity_with_its_ins_fails(play) -> None:
    case(play, "recuperee")
    send(play)
    codes = play.codes("vigilance.withheld")
    assert codes.count("vigilance.withheld.ins") == 1
    assert "vigilance.withheld.spread" in codes


def test_a_matricule_in_a_header_is_found(play) -> None:
    case(play, "recuperee")
    play.message(b"X-Dossier: " + QUALIFIED.matricule.encode() + b"\r\n" + carrier(spec(status="recuperee")), DOCTOR)
    findings = play.findings("vigilance.withheld")
    assert [(f.code, f.got) for f in findings] == [("vigilance.withheld.spread", "X-Dossier")]


def test_a_matricule_in_a_datamatrix_is_found(play) -> None:
    case(play, "recuperee")
    send(play)
    (found,) = play.subjects("vigilance.withheld")
    assert any(place.endswith("datamatrix") for place in found.spread)


def test_a_message_to_the_box_that_the_matricule_names_is_found(play) -> None:
    case(play, "recuperee")
    send(play, "recuperee")
    send(play, "recuperee", f"{QUALIFIED.ins}@patient.a.mss.test")
    assert play.codes("vigilance.withheld") == ["vigilance.withheld.spread"]


def test_an_unqualified_identity_of_which_nothing_came_concludes_nothing(play) -> None:
    case(play, "validee")
    assert play.codes("vigilance.withheld", levels=ALL) == ["vigilance.withheld.unseen"]
    assert play.codes("vigilance.withheld") == []


def called(play, marks=(), **traits):
    return play.wire("insi", "insi.call", operation="rechercherInsAvecTraitsIdentite", traits=traits, marks=marks)


@pytest.mark.parametrize("by", ["traits", "matricule"])
def test_a_call_about_a_doubtful_identity_fails(play, by) -> None:
    play.bench("expectation", name="ins-no-call", case="essai", matricule=QUALIFIED.ins, marks=(DOCTOR,), **NAMED)
    if by == "traits":
        called(play, NomNaissance=QUALIFIED.birth_name.lower(), DateNaissance=QUALIFIED.birth_date)
    else:
        called(play, marks=(QUALIFIED.matricule.lower(),))
    assert play.codes("vigilance.insi-blocked") == ["vigilance.insi-blocked.made"]


def test_calls_about_others_do_not_count(play) -> None:
    play.bench("expectation", name="ins-no-call", case="essai", matricule=QUALIFIED.ins, marks=(DOCTOR,), **NAMED)
    called(play, NomNaissance=QUALIFIED.birth_name, DateNaissance="1900-01-01")
    called(play, NomNaissance="AUTRE", DateNaissance=QUALIFIED.birth_date)
    assert play.codes("vigilance.insi-blocked") == []
    assert len(play.subjects("vigilance.insi-blocked")) == 1


FORMER = "199129600190512"


def test_a_later_document_of_the_person_is_not_held_against_an_earlier_case(play) -> None:
    nurse = "infirmiere@pro.a.mss.test"
    case(play, "validee")
    send(play, "validee")
    play.bench(
        "expectation", name="ins-case", status="qualifiee", carried=True, marks=(nurse,), **{**CASE, "to": nurse}
    )
    send(play, "qualifiee", DOCTOR)
    send(play, "qualifiee", nurse)
    assert play.codes("vigilance.withheld") == []
    assert play.codes("vigilance.diffused") == []


def with_former(play, *, borne):
    play.bench(
        "expectation", name="ins-case", status="qualifiee", carried=True, former=[FORMER], marks=(DOCTOR,), **CASE
    )  # fmt: skip
    raw = carrier(spec())
    play.message((b"X-Ancien: " + FORMER.encode() + b"\r\n" if borne else b"") + raw, DOCTOR)


@pytest.mark.parametrize("borne", [True, False])
def test_a_former_matricule_must_be_nowhere(play, borne) -> None:
    with_former(play, borne=borne)
    assert play.codes("vigilance.former-withheld") == (["vigilance.former-withheld.sent"] if borne else [])
    assert len(play.subjects("vigilance.former-withheld")) == 1


def test_without_a_document_former_matricules_prove_nothing(play) -> None:
    play.bench(
        "expectation", name="ins-case", status="qualifiee", carried=True, former=[FORMER], marks=(DOCTOR,), **CASE
    )  # fmt: skip
    assert play.subjects("vigilance.former-withheld") == []


@pytest.mark.parametrize("channel", ["citizen", "dmp", "before", "other"])
def test_nothing_leaves_under_a_matricule_that_is_gone(play, channel) -> None:
    box = f"{QUALIFIED.ins}@patient.a.mss.test"
    if channel == "before":
        send(play, "qualifiee", box)
    last = 1 if channel == "before" else 0
    play.bench(
        "expectation",
        name="ins-gone",
        matricule=QUALIFIED.ins,
        why="denied",
        after={"mssante.smtp": last},
        marks=(box,),
    )
    if channel == "citizen":
        send(play, "recuperee", box)
    if channel in ("dmp", "other"):
        number = QUALIFIED.ins if channel == "dmp" else FORMER
        play.wire("dmp", "dmp.submission", patient=number, marks=(box,), outcome="ok")
    expected = ["vigilance.gone.sent"] if channel in ("citizen", "dmp") else []
    assert play.codes("vigilance.gone") == expected
    assert len(play.subjects("vigilance.gone")) == 1


DELETED = {"changes": [{"status": codes.DELETED, "before": codes.APPROVED}]}
HIDDEN = {"changes": [{"status": codes.APPROVED, "version": "2"}]}


@pytest.mark.parametrize(
    ("calls", "breaches"),
    [
        ([("test", {}), ("search", {}), ("update", DELETED)], 0),
        ([("update", DELETED), ("search", {})], 1),
        ([("search", {})], 1),
        ([("update", HIDDEN)], 1),
        ([("update", {"changes": []})], 1),
        ([("retrieval", {}), ("update", DELETED)], 1),
        ([("authorisation", {"action": "SUPPRESSION"})], 0),
        ([("authorisation", {"action": "AJOUT"})], 1),
    ],
)
def test_what_went_to_the_dmp_may_be_taken_back(play, calls, breaches) -> None:
    box = f"{QUALIFIED.ins}@patient.a.mss.test"
    play.bench("expectation", name="ins-gone", matricule=QUALIFIED.ins, why="denied", after={}, marks=(box,))
    for kind, data in calls:
        play.wire("dmp", f"dmp.{kind}", patient=QUALIFIED.ins, marks=(box,), outcome="ok", **data)
    assert play.codes("vigilance.gone") == ["vigilance.gone.sent"] * breaches


@pytest.mark.parametrize(("rows", "missing"), [([{"matricule": FORMER[:13], "cle": FORMER[13:]}], 0), ([], 1)])
def test_former_ins_must_be_told(play, rows, missing) -> None:
    play.bench("expectation", name="ins-history", person="p", former=[FORMER])
    play.bench("stimulus", operation="read_ins_history", parameters={"person": "p"})
    told = {"operation": "read_ins_history", "status": 200, "outcome": "done", "body": {"history": rows}}
    play.bench("answer", provenance=Provenance.PRODUCT, **told)
    assert play.codes("vigilance.history-kept") == ["vigilance.history-kept.missing"] * missing


@pytest.mark.parametrize(
    ("deposits", "collected", "codes"),
    [
        ([["1", "2"]], True, []),
        ([["1"], ["2"]], True, ["insi.batch.none"]),
        ([], False, ["insi.batch.none"]),
        ([["1", "2"]], False, ["insi.batch.uncollected"]),
    ],
)
def test_a_batch_reaches_insi_at_once_and_is_collected(play, deposits, collected, codes) -> None:
    play.bench("expectation", name="ins-batch", matricules=["1", "2"], marks=(DOCTOR,))
    for held in deposits:
        play.wire("insi", "insi.call", operation="deposerLotVerification", batch=held, code="00", traits={}, marks=())
    for code in ("EC", *(("00",) if collected else ())):
        play.wire("insi", "insi.call", operation="retirerLotVerification", batch=[], code=code, traits={}, marks=())
    assert play.codes("insi.batch") == codes
    assert len(play.subjects("insi.batch")) == 1


def locked(play, *, complementary=True):
    play.bench(
        "expectation", name="ins-locked", person="p", to=DOCTOR, identity=QUALIFIED.as_json(),
        complementary=complementary, marks=(DOCTOR,),
    )  # fmt: skip


def test_an_identity_that_nobody_changed_passes_even_if_a_later_document_differs(play) -> None:
    locked(play)
    send(play)
    send(play, "validee")
    assert play.codes("vigilance.locked") == []
    assert len(play.subjects("vigilance.locked")) == 1


def test_an_identity_that_anybody_changed_fails_for_each_member(play) -> None:
    locked(play)
    send(play, "validee")
    assert play.codes("vigilance.locked") == ["vigilance.locked.changed"] * 2


def test_a_user_who_may_change_nothing_proves_no_lock(play) -> None:
    locked(play, complementary=False)
    send(play)
    assert play.subjects("vigilance.locked") == []


CHANGE = {"previous": "provisoire", "status": "recuperee", "at": "2026-01-01", "who": "x"}
NEXT = {**CHANGE, "previous": "recuperee", "status": "qualifiee"}


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([CHANGE, {**CHANGE, "status": "autre"}, NEXT], []),
        ([NEXT, CHANGE], ["vigilance.status-history.missing"]),
        ([], ["vigilance.status-history.missing"] * 2),
        ([CHANGE, {**NEXT, "who": ""}], ["vigilance.status-history.member"]),
    ],
)
def test_changes_of_status_must_be_told_in_order_with_who_and_when(play, rows, codes) -> None:
    changes = [["provisoire", "recuperee"], ["recuperee", "qualifiee"]]
    play.bench("expectation", name="ins-statuses", person="p", changes=changes)
    play.bench("stimulus", operation="read_status_history", parameters={"person": "p"})
    told = {"operation": "read_status_history", "status": 200, "outcome": "done", "body": {"changes": rows}}
    play.bench("answer", provenance=Provenance.PRODUCT, **told)
    assert play.codes("vigilance.status-history") == codes


def test_what_left_before_the_status_changed_is_not_held_against_it(play) -> None:
    send(play, "qualifiee", f"{QUALIFIED.ins}@patient.a.mss.test")
    case(play, "validee")
    send(play, "validee")
    assert play.codes("vigilance.withheld") == []
