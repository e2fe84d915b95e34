"""Impostors of national services in clear, on journals played by hand: what proves that nothing was told."""

import pytest

from tests.checks.journals import Play

DOMAIN, NAME = "clair.test", "ESSAI"


class Peers(Play):
    """A window in which the product is sent to a server in clear."""

    def good(self):
        self.wire("insi", "insi.call", operation="rechercherInsAvecTraitsIdentite")

    def clear(self):
        told = {"fault": "clear", "peer": "insi", "domain": DOMAIN, "control": ["insi.call"]}
        self.bench("expectation", name="impostor", identity={"birth_name": NAME}, marks=(DOMAIN,), **told)

    def request(self, body):
        self.wire(
            "impostor", "impostor.request", domain=DOMAIN, method="POST", path="/", query="", fault="clear",
            marks=(DOMAIN,), blobs={"body": body.encode()},
        )  # fmt: skip


@pytest.fixture
def play(tmp_path):
    return Peers(tmp_path)


@pytest.mark.parametrize(("body", "again", "subjects", "codes"), [
    (None, True, 1, []),
    ("<a/>", False, 1, []),
    (f"<nom>{NAME}</nom>", False, 1, ["clear.national-service.told"]),
    # The first answer may have been kept: nobody knows whether anything would have left.
    (None, False, 0, []),
])  # fmt: skip
def test_silence_counts_where_the_act_asks_each_time(play, body, again, subjects, codes) -> None:
    play.good()
    play.clear()
    if body is not None:
        play.request(body)
    if again:
        play.good()
    assert play.codes("clear.national-service") == codes
    assert len(play.subjects("clear.national-service")) == subjects
