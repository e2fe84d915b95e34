"""What the bench's browser read of the DMP on the product's pages, on journals played by hand."""

import pytest

from conformance.core.words import Basis, Level, Provenance
from tests.checks.journals import LANE, Play

INS = "277076322082910"
NAMES = ["DURAND", "Durand"]
LETTER, VISIT = "11490-0", "11488-4"


class Screen(Play):
    """A window in which a browser looks at a record."""

    looks = 0

    def call(self, kind, **data):
        return self.wire("dmp", f"dmp.{kind}", patient=INS, marks=(INS,), **{"outcome": "ok", **data})

    def look(self, *reads, status=200, beside=None, links=(), names=("Durand",), purpose=None):
        self.looks += 1
        data = {
            "window": self.window,
            "browser": "screens",
            "purpose": purpose or f"look {self.looks}",
            "status": status,
            "reads": [*names, *reads],
            "beside": beside or {},
            "links": list(links),
        }
        return self.journal.append(
            "scenario", LANE, "browser.visit", provenance=Provenance.PROBE, data=data, marks=("browser:screens",)
        ).id

    def aimed(self, name, **members):
        told = {"browser": "screens", "purpose": f"look {self.looks + 1}", "names": NAMES, "matricule": INS}
        return self.bench("expectation", name=name, **told, **members)

    def wants(self, word_name, word, *, anchor="", others=()):
        what = word_name.partition(".")[0]
        members = {"what": what, "word_name": word_name, "word": word, "anchor": anchor, "others": list(others)}
        return self.aimed("word-shown", **members)

    def told(self, operation, parameters, **body):
        self.bench("stimulus", operation=operation, parameters=parameters)
        answer = {"operation": operation, "outcome": "done", "status": 200, "body": body}
        return self.bench("answer", provenance=Provenance.PRODUCT, **answer)


@pytest.fixture
def screen(tmp_path):
    made = Screen(tmp_path)
    made.bench("expectation", name="browser", label="screens", marks=("browser:screens",))
    return made


class TestWords:
    def test_a_word_that_is_read_passes_and_one_that_is_not_fails(self, screen) -> None:
        screen.call("test", transaction="TD0.2", authorisation="valid")
        for word in ("Ouvert", "Absent"):
            screen.wants(f"dmp.{word.lower()}", word)
            screen.look("Ouvert")
        assert screen.codes("dmp.state-shown") == ["screens.missing"]
        assert len(screen.subjects("dmp.state-shown")) == 2

    @pytest.mark.parametrize("page", [{"status": 0}, {"status": 403}, {"names": ()}])
    def test_a_page_that_is_none_or_about_nobody_proves_nothing(self, screen, page) -> None:
        screen.call("test", transaction="TD0.2", authorisation="valid")
        screen.wants("dmp.closed", "Fermé")
        screen.look(**page)
        assert screen.subjects("dmp.state-shown") == []

    def test_a_word_inside_a_longer_one_is_not_the_word(self, screen) -> None:
        screen.call("test", transaction="TD0.2", authorisation="valid")
        screen.wants("dmp.absent", "Fermé", others=["Non Fermé"])
        screen.look("Fermé", "Non Fermé")
        assert screen.codes("dmp.state-shown") == ["screens.missing"]

    @pytest.mark.parametrize("name", ["dmp.closed", "dmp.refused"])
    def test_a_state_whose_answer_is_supposed_never_fails_a_product(self, screen, name) -> None:
        screen.call("test", transaction="TD0.2", authorisation="none")
        screen.wants(name, "Fermé")
        screen.look()
        (found,) = screen.findings("dmp.state-shown")
        assert (found.code, found.level, found.basis) == ("screens.missing", Level.WARNING, Basis.HYPOTHESIS)

    def test_a_page_that_has_every_word_does_not_say_which_one_holds(self, screen) -> None:
        screen.call("test", transaction="TD0.2", authorisation="valid")
        screen.wants("dmp.allowed", "Ouvert", others=["Fermé", "Absent"])
        screen.look("Ouvert", "Fermé", "Absent")
        assert screen.subjects("dmp.state-shown") == []

    def test_two_statuses_by_one_word_are_one_status(self, screen) -> None:
        screen.call("test", transaction="TD0.2", authorisation="valid")
        for name in ("closed", "absent"):
            screen.wants(f"dmp.{name}", "Connue")
            screen.look("Connue")
        assert screen.codes("dmp.state-shown") == ["screens.same", "screens.same"]

    def test_the_state_of_a_dmp_that_nobody_asked_for_proves_nothing(self, screen) -> None:
        screen.wants("dmp.allowed", "Ouvert")
        screen.look("Ouvert")
        assert screen.subjects("dmp.state-shown") == []

    def test_the_state_of_a_dmp_that_was_asked_for_is_judged(self, screen) -> None:
        screen.call("test", transaction="TD0.2", authorisation="valid")
        screen.wants("dmp.allowed", "Ouvert")
        screen.look()
        assert screen.codes("dmp.state-shown") == ["screens.missing"]


class TestLines:
    def feed(self, screen, *outcomes):
        for outcome in outcomes:
            screen.call("submission", transaction="TD2.1", outcome=outcome, documents=[])

    def wants(self, screen):
        screen.wants("feeding.fed", "Versé", anchor="Lettre", others=["Refusé"])
        screen.wants("feeding.refused", "Refusé", anchor="Bilan", others=["Versé"])

    @pytest.mark.parametrize(
        ("bilan", "codes"),
        [
            (["Refusé"], []),
            ([], ["screens.missing"]),
            (["Versé"], ["screens.missing"]),
            (["Versé", "Refusé"], ["screens.mixed"]),
        ],
    )
    def test_each_line_has_its_own_word(self, screen, bilan, codes) -> None:
        self.feed(screen, "ok", "failure")
        self.wants(screen)
        screen.look(beside={"Lettre": ["Versé"], "Bilan": bilan})
        assert screen.codes("dmp.feeding-shown") == codes

    def test_a_line_that_is_not_there_proves_nothing(self, screen) -> None:
        self.feed(screen, "ok", "failure")
        self.wants(screen)
        screen.look(beside={"Lettre": ["Versé"]})
        assert [shown.anchor for shown in screen.subjects("dmp.feeding-shown")] == ["Lettre"]

    def test_what_was_tried_again_with_success_was_not_refused(self, screen) -> None:
        self.feed(screen, "ok", "failure", "ok")
        self.wants(screen)
        screen.look(beside={"Lettre": ["Versé"], "Bilan": ["Versé"]})
        assert screen.codes("dmp.feeding-shown") == []

    def test_a_refusal_that_did_not_happen_is_not_looked_for(self, screen) -> None:
        self.feed(screen, "ok")
        self.wants(screen)
        screen.look(beside={"Lettre": ["Versé"], "Bilan": []})
        assert [shown.name for shown in screen.subjects("dmp.feeding-shown")] == ["feeding.fed"]

    def test_a_notice_is_judged_by_the_check_of_its_name(self, screen) -> None:
        screen.call("retrieval", transaction="TD3.2", given=["1.2.3"])
        screen.wants("notice.newer", "Plus récent", anchor="Lettre")
        screen.look(beside={"Lettre": []})
        assert screen.codes("dmp.newer-told") == ["screens.missing"]
        assert screen.subjects("dmp.deletion-told") == screen.subjects("dmp.held-told") == []


class TestNews:
    def announce(self, screen, what, counts, rows, *reads):
        screen.call("search", transaction="TD3.1", found=[])
        screen.aimed("dmp-news", what=what, counts=counts)
        types = [{"type_code": code, "count": count, "shown": f"{code} : {count}"} for code, count in rows.items()]
        screen.told("read_dmp_news", {"person": "p"}, types=types)
        screen.look(*(reads or (row["shown"] for row in types)))

    @pytest.mark.parametrize(
        ("rows", "reads", "codes"),
        [
            ({LETTER: 2, VISIT: 1}, (), []),
            ({LETTER: 2, VISIT: 1, "57833-6": 0}, (), []),
            ({LETTER: 1, VISIT: 1}, (), ["dmp.news.differs"]),
            ({LETTER: 2}, (), ["dmp.news.differs"]),
            ({LETTER: 2, VISIT: 1, "57833-6": 4}, (), ["dmp.news.differs"]),
            ({LETTER: 2, VISIT: 1}, (f"{LETTER} : 2",), ["dmp.news.unseen"]),
        ],
    )
    def test_what_is_announced_is_what_was_fed_and_stands_on_the_page(self, screen, rows, reads, codes) -> None:
        self.announce(screen, "counts", {LETTER: 2, VISIT: 1}, rows, *reads)
        assert screen.codes("dmp.news") == codes

    def test_nothing_new_is_nothing(self, screen) -> None:
        self.announce(screen, "none", {}, {})
        self.announce(screen, "none", {}, {"other": 1})
        assert screen.codes("dmp.no-news") == ["dmp.news.differs"]
        assert screen.subjects("dmp.news") == []

    def test_types_that_were_not_chosen_may_be_told_together(self, screen) -> None:
        self.announce(screen, "settings", {LETTER: 1}, {LETTER: 1, "other": 3})
        self.announce(screen, "settings", {VISIT: 1}, {LETTER: 1})
        assert screen.codes("dmp.news-chosen") == ["dmp.news.differs"]

    def test_a_product_that_searched_nothing_announces_nothing_known(self, screen) -> None:
        screen.aimed("dmp-news", what="none", counts={})
        screen.told("read_dmp_news", {"person": "p"}, types=[])
        screen.look()
        assert screen.subjects("dmp.no-news") == []


class TestOpening:
    def open(self, screen, *, given):
        """``given`` says whether the page came before the DMP had answered."""
        screen.call("test", transaction="TD0.2")
        before = screen.journal.lasts(LANE)["dmp"]
        if not given:
            screen.call("test", transaction="TD0.2", delayed=4.0)
        screen.aimed("dmp-page-meanwhile", before=before, after=screen.journal.lasts(LANE)["dmp"])
        screen.look()

    def test_a_page_that_comes_before_the_answer_passes(self, screen) -> None:
        self.open(screen, given=True)
        screen.call("test", transaction="TD0.2", delayed=4.0)
        assert screen.codes("dmp.page-not-blocked") == []
        assert len(screen.subjects("dmp.page-not-blocked")) == 1

    def test_a_call_that_was_not_slow_may_be_over_before_the_page(self, screen) -> None:
        before = screen.journal.lasts(LANE).get("dmp", 0)
        screen.call("search", transaction="TD3.1")
        screen.aimed("dmp-page-meanwhile", before=before, after=screen.journal.lasts(LANE)["dmp"])
        screen.look()
        screen.call("test", transaction="TD0.2", delayed=4.0)
        assert len(screen.subjects("dmp.page-not-blocked")) == 1
        assert screen.codes("dmp.page-not-blocked") == []

    def test_a_page_that_waits_fails(self, screen) -> None:
        self.open(screen, given=False)
        assert screen.codes("dmp.page-not-blocked") == ["dmp.page-not-blocked.waited"]

    def test_a_product_that_asks_nothing_keeps_nobody_waiting_and_proves_nothing(self, screen) -> None:
        self.open(screen, given=True)
        assert screen.subjects("dmp.page-not-blocked") == []


@pytest.mark.parametrize(
    ("links", "status", "codes"),
    [
        (["/aide"], 200, []),
        ([], 200, ["dmp.help-offered.none"]),
        (["/aide"], 404, ["dmp.help-offered.nowhere"]),
    ],
)
def test_help_is_offered_where_a_link_leads_to_it(screen, links, status, codes) -> None:
    screen.aimed("dmp-help")
    screen.look(links=links)
    screen.look(status=status, purpose="help")
    assert screen.codes("dmp.help-offered") == codes


@pytest.mark.parametrize("status", [0, 302])
def test_help_that_leads_elsewhere_is_not_followed_and_concludes_nothing(screen, status) -> None:
    screen.aimed("dmp-help")
    screen.look(links=["https://aide.example/"])
    screen.look(status=status, purpose="help")
    assert screen.subjects("dmp.help-offered") == []


@pytest.mark.parametrize(("documents", "codes"), [([], []), ([{"unique_id": "1.2.3"}], ["dmp.removed.held"])])
def test_what_the_user_removes_is_not_there_any_more(screen, documents, codes) -> None:
    screen.bench("expectation", name="dmp-removed", person="p", unique_id="1.2.3")
    screen.told("read_record", {"person": "p"}, documents=documents)
    assert screen.codes("dmp.removed") == codes


class TestConsent:
    ROW = {"at": "2026-03-04", "who": "dui", "action": "opposition", "object": "usager-1"}

    def choose(self, screen, *rows, before=()):
        screen.told("read_traces", {}, traces=list(before))
        screen.bench("expectation", name="dmp-consent", person="usager-1", names=["usager-1", INS], opposed=True)
        screen.told("record_opposition", {"person": "usager-1", "channel": "dmp", "opposed": True})
        screen.told("read_traces", {}, traces=[*before, *rows])

    def test_a_new_trace_about_the_person_passes(self, screen) -> None:
        self.choose(screen, self.ROW, before=[self.ROW])
        assert screen.codes("dmp.consent-traced") == []
        assert len(screen.subjects("dmp.consent-traced")) == 1

    @pytest.mark.parametrize(
        ("rows", "before", "codes"),
        [
            ([], [ROW], ["dmp.consent-traced.none"]),
            ([{**ROW, "object": "usager-2"}], [], ["dmp.consent-traced.none"]),
            ([{**ROW, "who": ""}], [], ["dmp.consent-traced.members"]),
        ],
    )
    def test_no_new_trace_or_half_of_one_fails(self, screen, rows, before, codes) -> None:
        self.choose(screen, *rows, before=before)
        assert screen.codes("dmp.consent-traced") == codes

    def test_a_person_who_tells_no_rows_proves_nothing(self, screen) -> None:
        screen.told("read_traces", {})
        screen.bench("expectation", name="dmp-consent", person="usager-1", names=[INS], opposed=True)
        screen.told("record_opposition", {"person": "usager-1", "channel": "dmp", "opposed": True})
        screen.told("read_traces", {})
        assert screen.subjects("dmp.consent-traced") == []
