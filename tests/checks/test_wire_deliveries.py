"""What is concluded of messages put off, doubled or refused, and of renewed tokens and boxes in service."""

import pytest

from tests.checks.journals import BOX, SMTP, Play

TO = "collegue@pro.a.mss.test"
FRONT = "x.expired-token.a.mss.test"
OTHER = f"dui@{FRONT}"


class Post(Play):
    """A play of SMTP sessions, each with its end."""

    count = 0

    def offer(self, *to, rcpt=250, data=354, end=".", reply=451, message=b"", sender=BOX):
        """One session that offers a text: ``end`` is ``.`` (refused with ``reply``), ``ok`` or ``cut``."""
        self.count += 1
        session = f"o{self.count}"
        self.connect(session=session)
        self.reply("MAIL", f"FROM:<{sender}>", 250, session)
        for one in to:
            self.reply("RCPT", f"TO:<{one}>", rcpt, session)
        if data:
            self.reply("DATA", "", data, session)
        if data and end == ".":
            self.reply(".", "", reply, session)
        if data and end == "ok":
            self.message(message, *to, session=session)
        self.wire(SMTP, "smtp.end", session=session, how="closed" if end == "cut" else "quit")

    def reply(self, verb, argument, code, session):
        return self.wire(
            SMTP, "smtp.command", session=session, verb=verb, argument=argument, reply=code, text="", tls=True,
            marks=(TO,),
        )  # fmt: skip

    def bad(self, fault):
        self.bench(
            "expectation", name="bad-server", fault=fault, domain=FRONT, address=OTHER, kind="PER", marks=(FRONT, OTHER)
        )

    def login(self, outcome, token_id, *, service="smtp"):
        self.count += 1
        session = f"l{self.count}"
        self.connect(service, session=session)
        self.auth(service, user=OTHER, outcome=outcome, token_id=token_id, session=session)


@pytest.fixture
def play(tmp_path):
    return Post(tmp_path)


def test_a_temporary_refusal_that_is_followed_by_a_message_is_a_retry(play):
    play.expect(TO)
    play.offer(TO, rcpt=451, data=0)
    play.offer(TO, end="ok")
    assert play.codes("smtp.retries") == []
    assert play.codes("mail.not-doubled") == []


@pytest.mark.parametrize("first", [{"rcpt": 452, "data": 0}, {"reply": 451}, {"end": "cut"}])
def test_what_was_put_off_and_never_came_is_lost(play, first):
    play.expect(TO)
    play.offer(TO, **first)
    assert play.codes("smtp.retries") == ["smtp.retries.never"]


def test_nothing_is_concluded_while_the_product_still_works(play):
    play.expect(TO)
    play.offer(TO, rcpt=451, data=0)
    play.close("aborted")
    assert play.subjects("smtp.retries") == []


def test_a_final_refusal_or_a_message_for_another_is_no_putting_off(play):
    play.expect(TO)
    play.offer(TO, rcpt=550, data=0)
    play.offer("autre@pro.a.mss.test", rcpt=451, data=0)
    assert play.subjects("smtp.retries") == []


def test_a_recipient_who_was_reached_is_not_written_to_again(play):
    play.expect(TO)
    for _ in range(2):
        play.offer(TO, end="ok")
    assert play.codes("mail.not-doubled") == ["mail.not-doubled.doubled"]


def test_as_many_messages_as_were_asked_for_are_not_doubled(play):
    for _ in range(2):
        play.expect(TO)
        play.offer(TO, end="ok")
    assert play.codes("mail.not-doubled") == []


@pytest.mark.parametrize(("times", "codes"), [(1, []), (2, ["smtp.refusal-final.again"])])
def test_what_is_refused_for_good_is_offered_once(play, times, codes):
    play.bench("expectation", name="refused-message", to=TO, mailbox=BOX, marks=(TO,))
    for _ in range(times):
        play.offer(TO, reply=554)
    assert play.codes("smtp.refusal-final") == codes


@pytest.mark.parametrize(("again", "codes"), [("new", []), ("old", ["session.renews-token.never"])])
def test_an_expired_token_is_renewed_by_another_one(play, again, codes):
    play.bad("expired-token")
    play.login("refused", "old")
    play.login("ok", again)
    assert play.codes("session.renews-token") == codes


def test_each_box_opens_once_all_are_set_up(play):
    second = "autre@a.mss.test"
    play.mailbox()
    play.mailbox("ORG", second)
    play.bench("expectation", name="boxes-in-service", boxes=[BOX, second])
    for number, (box, service) in enumerate([(BOX, "smtp"), (BOX, "imap"), (second, "smtp"), (second, "imap")]):
        play.connect(service, session=f"a{number}")
        play.auth(service, user=box, session=f"a{number}")
    assert play.codes("session.boxes-together") == ["session.boxes-together.never"] * 2


def test_a_token_that_comes_with_the_command_is_seen(play):
    play.command("AUTHENTICATE", "XOAUTH2 <initial-response>", protocol="imap")
    assert play.codes("imap.initial-response") == []
    assert len(play.subjects("imap.initial-response")) == 1


def test_a_token_that_waits_to_be_asked_for_is_seen(play):
    play.command("AUTHENTICATE", "XOAUTH2", protocol="imap")
    play.command("AUTHENTICATE", "PLAIN", protocol="imap")
    assert play.codes("imap.initial-response") == ["imap.initial-response.late"]
