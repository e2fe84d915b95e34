"""What a scenario that could not go on leaves: nothing that was still to come is held against the product."""

import pytest

from conformance.bench.floor import Floor
from conformance.bench.hindrance import Hindered
from conformance.core.words import Fault
from conformance.drivers import operations as ops
from conformance.drivers.outcome import Answered, Outcome
from tests.checks.journals import Play

RPPS, ADDRESS = "899900000029", "durand@pro.a.mss.test"
MATRICULE = "277076322082910"


class Asking:
    """A stage whose product answers one thing."""

    def __init__(self, answered):
        self.answered = answered

    def attempt(self, _operation):
        return Outcome(self.answered, body={"error": "no"})


@pytest.mark.parametrize(
    ("answered", "code", "fault"),
    [
        (Answered.NOT_OFFERED, "hindrance.not-offered", Fault.PRODUCT),
        (Answered.UNREACHABLE, "hindrance.unreachable", Fault.CONFIGURATION),
    ],
)
def test_what_is_not_offered_stops_the_scenario(answered, code, fault) -> None:
    with pytest.raises(Hindered) as stopped:
        Floor.ask(Asking(answered), ops.SearchDirectory("DURAND", "Anne"))
    assert (stopped.value.code, stopped.value.fault) == (code, fault)


@pytest.mark.parametrize("answered", [Answered.DONE, Answered.REFUSED, Answered.FAILED])
def test_any_other_answer_is_evidence(answered) -> None:
    assert Floor.ask(Asking(answered), ops.SearchDirectory("DURAND", "Anne")).answered is answered


def annuaire(play):
    play.bench("expectation", name="directory-entry", identifier=RPPS, address=ADDRESS, marks=(RPPS, ADDRESS))
    play.wire("annuaire", "annuaire.search", key="right", status=200, identifiers=[], mailboxes=[])


def address(play):
    play.bench("expectation", name="directory-entry", identifier=RPPS, address=ADDRESS, marks=(RPPS, ADDRESS))
    play.wire("annuaire", "annuaire.search", key="right", status=200, identifiers=[RPPS], mailboxes=[], marks=(RPPS,))
    play.message(b"Subject: x\r\n\r\nx", "somebody.else@pro.a.mss.test")


def search(play):
    play.bench("expectation", name="ins-search", by="traits", matricule=MATRICULE, person="p", marks=(MATRICULE,))
    play.wire("insi", "insi.call", operation="rechercherInsAvecTraitsIdentite", matricule=None, traits={})


def test_a_search_that_the_bench_does_not_play_is_held_against_nobody(tmp_path) -> None:
    play = Play(tmp_path)
    annuaire(play)
    play.wire("annuaire", "annuaire.search", key="right", status=400, unplayed=True)
    assert play.subjects("annuaire.found") == []


def names(play):
    told = {"names": ["ALPHA", "BRAVO"], "found": "BRAVO", "birth_name": "DURAND"}
    play.bench("expectation", name="ins-names", marks=(MATRICULE,), **told)
    play.wire(
        "insi",
        "insi.call",
        operation="rechercherInsAvecTraitsIdentite",
        matricule=None,
        traits={"NomNaissance": "DURAND"},
        first_names=["ALPHA"],
    )


@pytest.mark.parametrize(("transaction", "codes"), [("TD2.1", ["dmp.opposition.fed"]), ("TD0.2", [])])
def test_a_feeding_that_the_dmp_faulted_was_tried_all_the_same(tmp_path, transaction, codes) -> None:
    play = Play(tmp_path)
    play.bench("expectation", name="no-dmp-feeding", matricule=MATRICULE, why="opposition", marks=(MATRICULE,))
    told = {"transaction": transaction, "patient": MATRICULE, "outcome": "fault"}
    play.wire("dmp", "dmp.refused", marks=(MATRICULE,), **told)
    assert play.codes("dmp.opposition") == codes


def authorisation(play):
    play.bench("expectation", name="dmp-authorisation", matricule=MATRICULE, times=2, marks=(MATRICULE,))
    told = {"patient": MATRICULE, "action": "AJOUT", "outcome": "ok"}
    play.wire("dmp", "dmp.authorisation", marks=(MATRICULE,), **told)


def transfer(play):
    play.bench("expectation", name="transfer", mark="", after=0, person={}, contact={}, items=[])


@pytest.mark.parametrize(
    ("check", "code", "acts"),
    [
        ("annuaire.found", "annuaire.found.not-reached", annuaire),
        ("annuaire.address", "annuaire.address.other", address),
        ("insi.search-by-traits", "insi.search.not-found", search),
        ("insi.first-names", "insi.first-names.order", names),
        ("dmp.authorised-by-itself", "dmp.authorised-by-itself.none", authorisation),
        ("tddui.sent", "tddui.sent.none", transfer),
    ],
)
def test_only_a_settled_window_concludes_from_what_did_not_come(tmp_path, check, code, acts) -> None:
    settled, stopped = Play(tmp_path / "settled"), Play(tmp_path / "stopped")
    for play in (settled, stopped):
        acts(play)
    stopped.hinder("product")
    stopped.close("idle")
    assert settled.codes(check) == [code]
    assert stopped.subjects(check) == []
