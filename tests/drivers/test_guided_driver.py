"""The guided driver: a person is told, and answers."""

import os
from pathlib import Path

import pytest

from conformance.core.errors import SetupError
from conformance.core.texts import use_language
from conformance.drivers import operations as ops
from conformance.drivers.guided import GuidedDriver
from conformance.drivers.outcome import Answered


class Terminal:
    """Both ends of a terminal that a test types on."""

    def __init__(self, typed):
        reading, writing = os.pipe()
        if typed:
            os.write(writing, typed.encode())
        self.keyboard = writing
        self.reader = os.fdopen(reading, encoding="utf-8")
        screen_out, screen_in = os.pipe()
        self.writer = os.fdopen(screen_in, "w", encoding="utf-8")
        self.screen = screen_out

    def open(self):
        return self.reader, self.writer

    def shown(self):
        self.writer.flush()
        return os.read(self.screen, 65536).decode()

    def close(self):
        os.close(self.keyboard)
        self.reader.close()
        self.writer.close()
        os.close(self.screen)


@pytest.fixture
def terminal():
    made = []

    def make(typed):
        made.append(Terminal(typed))
        return made[-1]

    use_language("fr")
    yield make
    use_language(None)
    for one in made:
        one.close()


SEND = ops.SendMessage("dui@main.mssante.test", ("collegue@pro.main.mssante.test",), "Bonjour", subject="Essai")


def test_the_person_is_told_what_to_do_and_enter_means_done(terminal) -> None:
    typed = terminal("\n")
    outcome = GuidedDriver(5, typed.open).perform(SEND)
    shown = typed.shown()
    assert outcome.answered is Answered.DONE
    assert "Envoyez depuis dui@main.mssante.test" in shown
    assert "subject: Essai" in shown


@pytest.mark.parametrize("word", ["s", "passer", "SKIP"])
def test_the_person_may_say_that_it_is_not_offered(terminal, word) -> None:
    typed = terminal(word + "\n")
    assert GuidedDriver(5, typed.open).perform(SEND).answered is Answered.NOT_OFFERED


def test_the_person_may_stop(terminal) -> None:
    typed = terminal("q\n")
    with pytest.raises(KeyboardInterrupt):
        GuidedDriver(5, typed.open).perform(SEND)


def test_nobody_there_is_given_up_within_the_limit(terminal) -> None:
    typed = terminal("")
    assert GuidedDriver(0.05, typed.open).perform(SEND).answered is Answered.UNREACHABLE
    assert "Pas de réponse" in typed.shown()


def test_idleness_is_left_to_the_quiet_time() -> None:
    def never():
        raise AssertionError("nobody should be asked")

    assert GuidedDriver(5, never).perform(ops.ReadIdle()).answered is Answered.NOT_OFFERED


def test_a_certificate_is_put_in_a_file_that_only_its_owner_reads(terminal) -> None:
    typed = terminal("\n")
    pem = "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"
    settings = {"autoconfig_url": "https://x.test/mail", "ca_pem": pem, "psc": {"client_id": "dui"}}
    GuidedDriver(5, typed.open).perform(ops.ConfigureMailbox("a@b.test", "PER", settings))
    shown = typed.shown()
    assert "settings.autoconfig_url: https://x.test/mail" in shown
    assert "settings.psc.client_id: dui" in shown
    path = Path(next(line.split(": ")[1] for line in shown.splitlines() if "settings.ca_pem" in line))
    assert path.read_text(encoding="utf-8") == pem
    assert path.stat().st_mode & 0o077 == 0
    path.unlink()
    path.parent.rmdir()


def test_a_box_is_set_up_once(terminal) -> None:
    typed = terminal("\n")
    driver = GuidedDriver(0.05, typed.open)
    assert driver.perform(ops.ConfigureMailbox("a@b.test", "PER")).done
    again = driver.perform(ops.ConfigureMailbox("a@b.test", "PER", {"psc": {"refresh_token": "another"}}))
    assert (again.done, again.body) == (True, {"already": True})


def test_a_service_is_set_up_once_for_the_same_settings(terminal) -> None:
    typed = terminal("\n")
    driver = GuidedDriver(0.05, typed.open)
    first, same, other = (driver.perform(ops.ConfigureService("sdo", {"fhir_base": url})) for url in ("a", "a", "b"))
    assert (first.done, first.body) == (True, {})
    assert (same.done, same.body) == (True, {"already": True})
    assert other.body == {}


def test_the_same_request_twice_is_a_box_to_set_up_again(terminal) -> None:
    typed = terminal("\n\n")
    driver = GuidedDriver(0.05, typed.open)
    asked = ops.ConfigureMailbox("a@b.test", "PER", {"psc": {"refresh_token": "one"}})
    assert [driver.perform(asked).body for _ in range(2)] == [{}, {}]
    assert driver.perform(ops.ConfigureMailbox("a@b.test", "APP")).answered is Answered.UNREACHABLE


def test_every_operation_that_a_person_does_has_its_instruction() -> None:
    from conformance.core.texts import known

    spoken = [o.name for o in ops.OPERATIONS if o not in (ops.ReadIdle, ops.ReadAbout)]
    assert [name for name in spoken if not known(f"guided.{name}")] == []


def test_a_person_cannot_switch_defects() -> None:
    GuidedDriver(5).prepare(())
    with pytest.raises(SetupError):
        GuidedDriver(5).prepare(("drops-nil-header",))


@pytest.mark.parametrize(
    ("word", "answered"), [("\n", Answered.DONE), ("n\n", Answered.REFUSED), ("s\n", Answered.NOT_OFFERED)]
)
def test_a_person_says_whether_a_screen_shows_what_is_expected(terminal, word, answered) -> None:
    typed = terminal(word)
    asked = ops.Observe("liste", "Triez la liste.", "elle est triée.")
    assert GuidedDriver(5, typed.open).perform(asked).answered is answered
    shown = typed.shown()
    assert "Triez la liste." in shown
    assert "Attendu : elle est triée." in shown


def test_no_is_an_answer_about_screens_only(terminal) -> None:
    typed = terminal("n\n")
    assert GuidedDriver(5, typed.open).perform(SEND).done
