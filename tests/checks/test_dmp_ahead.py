"""What a product asks of the DMP by itself and meanwhile, on journals played by hand: what proves something, and what does not."""

import pytest

from conformance.core.words import Basis, Level, Provenance
from tests.checks.journals import LANE, Play

INS = "277076322082910"
OTHER_INS = "177076322082911"
TO = "durand@pro.a.mss.test"
UNIQUE, OTHER = "1.2.3", "1.2.4"


class Consulting(Play):
    """A window in which a product consults the DMP."""

    def call(self, kind, **data):
        marks = (INS, *data.get("given", ()))
        return self.wire("dmp", f"dmp.{kind}", patient=INS, marks=marks, **{"outcome": "ok", **data})

    def test(self, authorisation):
        return self.call("test", transaction="TD0.2", state="open", authorisation=authorisation)

    def read(self, *given):
        return self.call("retrieval", transaction="TD3.2", given=list(given), documents=list(given))

    def does(self, operation, outcome="done", **parameters):
        self.bench("stimulus", operation=operation, parameters=parameters)
        return self.bench(
            "answer", operation=operation, outcome=outcome, status=200, body={}, provenance=Provenance.PRODUCT
        )

    def opens(self, unique_id, when, *, seconds=3600, again=False, outcome="done"):
        after = self.journal.lasts(LANE).get("dmp", 0)
        self.bench(
            "expectation", name="dmp-copy", matricule=INS, unique_id=unique_id, seconds=seconds, when=when, after=after
        )
        if again:
            self.read(unique_id)
        return self.does("integrate_from_dmp", outcome, person="p", unique_id=unique_id)


@pytest.fixture
def play(tmp_path):
    return Consulting(tmp_path)


@pytest.mark.parametrize("what", ["right", "preload"])
class TestWithoutTheRight:
    def forbid(self, play, what):
        play.bench("expectation", name=f"no-dmp-{what}", matricule=INS, person="p", why="refused")

    def test_a_product_that_was_never_told_proves_nothing(self, play, what) -> None:
        self.forbid(play, what)
        assert play.subjects(f"dmp.no-{what}") == []

    def test_a_product_that_was_told_that_it_may_proves_nothing(self, play, what) -> None:
        self.forbid(play, what)
        play.test("valid")
        assert play.subjects(f"dmp.no-{what}") == []

    def test_a_product_that_was_refused_and_asks_nothing_passes(self, play, what) -> None:
        self.forbid(play, what)
        play.test("blocked")
        assert len(play.subjects(f"dmp.no-{what}")) == 1
        assert play.codes(f"dmp.no-{what}") == []

    @pytest.mark.parametrize(
        ("listed", "before", "judged"), [([], False, 1), ([OTHER_INS], False, 1), ([INS], False, 0), ([], True, 0)]
    )
    def test_a_list_that_leaves_the_person_out_refuses_too(self, play, what, listed, before, judged) -> None:
        for when in (True, False):
            if when is before:
                play.wire("dmp", "dmp.patients", transaction="TD0.4", outcome="ok", patients=listed, marks=(OTHER_INS,))
            if when:
                play.bench("expectation", name="dmp-user", matricule=OTHER_INS, user="u", marks=(OTHER_INS,))
                self.forbid(play, what)
        assert len(play.subjects(f"dmp.no-{what}")) == judged
        assert play.codes(f"dmp.no-{what}") == []

    def test_a_search_fails_even_when_the_dmp_faulted_it_and_nothing_was_asked_before(self, play, what) -> None:
        self.forbid(play, what)
        play.call("refused", transaction="TD3.1", outcome="fault", code="DMPAccessDeniedByRightsService")
        assert play.codes(f"dmp.no-{what}") == [f"dmp.no-{what}.asked"]


def expect_preload(play):
    play.bench("expectation", name="dmp-preload", matricule=INS, documents=[UNIQUE], others=[OTHER])


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ((UNIQUE,), []),
        ((), ["dmp.preloaded.missing"]),
        ((UNIQUE, OTHER), ["dmp.preloaded.superfluous"]),
    ],
)
def test_what_is_read_is_what_was_chosen(play, given, codes) -> None:
    expect_preload(play)
    for one in given:
        play.read(one)
    assert play.codes("dmp.preloaded") == codes


def test_nothing_is_said_of_a_visit_in_a_window_that_was_hindered(play) -> None:
    expect_preload(play)
    play.hinder()
    assert play.subjects("dmp.preloaded") == []


@pytest.mark.parametrize(
    ("within", "past", "codes"),
    [
        (False, True, []),
        (True, True, ["dmp.preload-kept.within"]),
        (False, False, ["dmp.preload-kept.past"]),
    ],
)
def test_a_copy_serves_within_its_time_and_no_longer(play, within, past, codes) -> None:
    play.read(UNIQUE)
    play.read(OTHER)
    play.opens(UNIQUE, "within", again=within)
    play.opens(OTHER, "past", again=past)
    assert play.codes("dmp.preload-kept") == codes


def test_an_opening_that_came_late_concludes_nothing(play) -> None:
    play.read(UNIQUE)
    play.opens(UNIQUE, "within", again=True, seconds=0)
    (found,) = play.findings("dmp.preload-kept")
    assert (found.code, found.level, found.basis) == ("dmp.preload-kept.late", Level.WARNING, Basis.HYPOTHESIS)


def test_half_of_the_openings_conclude_nothing(play) -> None:
    play.read(UNIQUE)
    play.read(OTHER)
    play.opens(UNIQUE, "within")
    play.opens(OTHER, "past", outcome="refused")
    assert play.subjects("dmp.preload-kept") == []


class TestMeanwhile:
    def expect(self, play):
        play.bench("expectation", name="dmp-meanwhile", to=TO, matricule=INS)

    def write(self, play):
        play.does("send_message", to=[TO], mailbox="b")

    def leave(self, play):
        play.message(b"Subject: x\r\n\r\nx", TO)

    def feed(self, play):
        play.call("submission", transaction="TD2.1", documents=[], delayed=6.0)

    def test_a_message_that_leaves_before_the_answer_passes(self, play) -> None:
        self.expect(play)
        self.write(play)
        self.leave(play)
        self.feed(play)
        assert play.findings("dmp.usable-meanwhile") == []

    def test_an_order_taken_after_the_answer_fails(self, play) -> None:
        self.expect(play)
        self.feed(play)
        self.write(play)
        self.leave(play)
        assert play.codes("dmp.usable-meanwhile") == ["dmp.usable-meanwhile.after"]

    def test_a_message_that_a_batch_may_have_delayed_concludes_nothing(self, play) -> None:
        self.expect(play)
        self.write(play)
        self.feed(play)
        self.leave(play)
        (found,) = play.findings("dmp.usable-meanwhile")
        assert found.code == "dmp.usable-meanwhile.later"
        assert (found.level, found.basis) == (Level.WARNING, Basis.HYPOTHESIS)
        assert "lots" in found.message("fr")

    def test_a_message_that_never_leaves_fails(self, play) -> None:
        self.expect(play)
        self.write(play)
        self.feed(play)
        assert play.codes("dmp.usable-meanwhile") == ["dmp.usable-meanwhile.nothing"]

    def test_a_message_that_left_before_the_dmp_was_called_tells_nothing(self, play) -> None:
        self.expect(play)
        self.write(play)
        self.leave(play)
        play.call("submission", transaction="TD2.1", documents=[])
        assert play.subjects("dmp.usable-meanwhile") == []

    def test_a_message_while_no_document_reaches_the_dmp_tells_nothing(self, play) -> None:
        self.expect(play)
        self.write(play)
        self.leave(play)
        assert play.subjects("dmp.usable-meanwhile") == []

    def test_a_message_is_not_missing_from_a_window_that_was_hindered(self, play) -> None:
        self.expect(play)
        self.feed(play)
        play.hinder()
        assert play.subjects("dmp.usable-meanwhile") == []
