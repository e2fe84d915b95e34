"""The HTTP driver: what each answer of a product means."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conformance.drivers import operations as ops
from conformance.drivers.http import HttpDriver
from conformance.drivers.outcome import Answered


class Product(BaseHTTPRequestHandler):
    answer = (200, {}, "application/json")
    seen: list = []

    def do_PUT(self):
        length = int(self.headers.get("Content-Length", 0))
        Product.seen.append((self.path, self.headers.get("Authorization"), json.loads(self.rfile.read(length) or "{}")))
        status, body, kind = Product.answer
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Product)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    Product.seen = []
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


OPERATION = ops.CreatePerson("p", {"birth_name": "ESSAI"})


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"a": 1}, Answered.DONE),
        (202, {}, Answered.DONE),
        (302, {}, Answered.REFUSED),
        (400, {"error": "no"}, Answered.REFUSED),
        (401, {"error": "token"}, Answered.REFUSED),
        (404, {}, Answered.NOT_OFFERED),
        (404, {"error": "no such person"}, Answered.REFUSED),
        (501, {"error": "not offered"}, Answered.NOT_OFFERED),
        (500, {}, Answered.FAILED),
        (503, {}, Answered.FAILED),
    ],
)
def test_each_status_has_its_meaning(url, status, body, expected) -> None:
    Product.answer = (status, body, "application/json")
    outcome = HttpDriver(url, "token", 5).perform(OPERATION)
    assert (outcome.answered, outcome.status, outcome.body) == (expected, status, body)


def test_the_token_and_the_body_are_sent(url) -> None:
    Product.answer = (200, {}, "application/json")
    HttpDriver(url, "the-token", 5).perform(OPERATION)
    assert Product.seen == [("/v1/persons/p", "Bearer the-token", {"identity": {"birth_name": "ESSAI"}})]


def test_an_answer_that_is_not_json_is_content(url) -> None:
    Product.answer = (200, b"<ClinicalDocument/>", "text/xml")
    outcome = HttpDriver(url, None, 5).perform(OPERATION)
    assert (outcome.done, outcome.content) == (True, b"<ClinicalDocument/>")


def test_json_that_does_not_read_is_a_failure(url) -> None:
    Product.answer = (200, b"{", "application/json")
    assert HttpDriver(url, None, 5).perform(OPERATION).answered is Answered.FAILED


def test_nobody_there_is_unreachable_within_the_limit() -> None:
    outcome = HttpDriver("http://127.0.0.1:9/v1", None, 2).perform(OPERATION)
    assert (outcome.answered, outcome.status) == (Answered.UNREACHABLE, 0)


def test_a_huge_answer_is_cut_off(url, monkeypatch) -> None:
    monkeypatch.setattr("conformance.drivers.http.MAX_ANSWER", 10)
    Product.answer = (200, b"x" * 11, "text/xml")
    assert HttpDriver(url, None, 5).perform(OPERATION).answered is Answered.UNREACHABLE


def test_the_environments_proxy_is_not_used(url, monkeypatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    Product.answer = (200, {}, "application/json")
    assert HttpDriver(url, None, 5).perform(OPERATION).done


class Dripping(Product):
    def do_PUT(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b" ")
            self.wfile.flush()
            if Product.stop.wait(0.05):
                return


def test_an_answer_that_drips_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr("conformance.drivers.http.GRACE", 0.1)
    Product.stop = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Dripping)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    outcome = HttpDriver(f"http://127.0.0.1:{server.server_port}/v1", None, 0.3).perform(OPERATION)
    Product.stop.set()
    server.shutdown()
    thread.join()
    server.server_close()
    assert outcome.answered is Answered.UNREACHABLE


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a": "\\ud800"}', b"nan{"])
def test_json_that_cannot_be_kept_is_the_products_failure(url, content) -> None:
    Product.answer = (200, content, "application/json")
    assert HttpDriver(url, None, 5).perform(OPERATION).answered is Answered.FAILED
