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

        def do_GET(self):
            asked.append(self.path)
            self.send_response(302 if self.path == "/away" else 200)
            if self.path == "/away":
                self.send_header("Location", Handler.to)
            self.end_headers()

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


@pytest.mark.parametrize(
    "elsewhere", ["http://example.test/x", "https://192.0.2.1/", "//example.test/", "file:///etc/passwd"]
)
def test_it_notes_an_address_elsewhere_and_leaves_it_alone(browser, product, elsewhere) -> None:
    product.handler.to = elsewhere
    browser.follow("/away", "p")
    assert product.asked == ["/away"]
    assert [(v["status"], v.get("error")) for v in browser.visits] == [(302, None), (0, "Elsewhere")]
