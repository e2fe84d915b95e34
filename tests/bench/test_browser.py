"""The browser of the bench: where it goes, and what it leaves alone."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from conformance.bench.browser import Browser


class Window:
    name = "w"

    def __init__(self):
        self.visits = []

    def write(self, kind, told, **_):
        assert kind == "browser.visit"
        self.visits.append(told)


@pytest.fixture
def product():
    """A product that sends its user where ``to`` says."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        to = ""
        pages: dict[str, str] = {}

        def do_GET(self):
            asked.append(self.path)
            self.send_response(302 if self.path == "/away" else 200)
            if self.path == "/away":
                self.send_header("Location", Handler.to)
            self.end_headers()
            self.wfile.write(Handler.pages.get(self.path, "").encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}/", asked=asked, handler=Handler)
    server.shutdown()
    server.server_close()


@pytest.fixture
def browser(product):
    window = Window()
    stage = SimpleNamespace(
        window=window,
        bench=SimpleNamespace(endpoints=SimpleNamespace(ca_pem="")),
        here=SimpleNamespace(psc_issuer="https://psc.test:1/realm"),
        expect=lambda *_, **__: None,
    )
    with Browser(stage, product.url, "b") as opened:
        opened.visits = window.visits
        yield opened


def test_it_follows_a_product_to_its_own_pages(browser, product) -> None:
    product.handler.to = "/there"
    browser.follow("/away", "p")
    assert product.asked == ["/away", "/there"]
    assert [v["status"] for v in browser.visits] == [302, 200]


NEXT = '<ul><li>{}</li></ul><a href="/">Accueil</a><a {} href="{}">{}</a>'


@pytest.mark.parametrize(
    ("wanted", "limit", "asked", "shown"),
    [
        ("un", 9, ["/list"], True),
        ("trois", 9, ["/list", "/list?page=2", "/list?page=3"], True),
        ("quatre", 9, ["/list", "/list?page=2", "/list?page=3"], False),
        ("trois", 2, ["/list", "/list?page=2"], False),
        ("trois", 1, ["/list"], False),
    ],
)
def test_it_turns_the_pages_of_a_list_until_what_is_looked_for(browser, product, wanted, limit, asked, shown) -> None:
    product.handler.pages = {
        "/list": NEXT.format("un", 'rel="nofollow next"', "?page=2", "2"),
        "/list?page=2": NEXT.format("deux", "", "/list?page=3", "Page  suivante"),
        # A link that is out of use, as some pages show it on the last one.
        "/list?page=3": NEXT.format("trois", 'rel="next"', "#", "Page suivante"),
    }
    browser.look("/list", "home", wanted=(wanted,), pages=limit)
    assert product.asked == asked
    assert [bool(v["shows"]) for v in browser.visits] == [False] * (len(asked) - 1) + [shown]


@pytest.mark.parametrize(
    "elsewhere", ["http://example.test/x", "https://192.0.2.1/", "//example.test/", "file:///etc/passwd"]
)
def test_it_notes_an_address_elsewhere_and_leaves_it_alone(browser, product, elsewhere) -> None:
    product.handler.to = elsewhere
    browser.follow("/away", "p")
    assert product.asked == ["/away"]
    assert [(v["status"], v.get("error")) for v in browser.visits] == [(302, None), (0, "Elsewhere")]
