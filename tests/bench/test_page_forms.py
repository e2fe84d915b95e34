"""Forms of pages: the right one is found, its hidden fields go along, what is no form is left alone."""

from conformance.bench.acts.accounts import Account, Door
from conformance.bench.one_time import Device
from conformance.bench.page_forms import MAX_ELEMENTS, Form, fill

PAGE = """<!DOCTYPE html><form action="/search"><input name="q"></form>
<form method="post" action="/in?next=é"><input type="hidden" name="csrf" value="a&amp;b">
<input name="user"><input type="password" name="pass"><input type="checkbox" name="stay">
<select name="site"><option value="1">Un<option value="2" selected>Deux</select><button name="go" value="x">Go</button></form>"""


def test_the_form_that_has_the_fields_is_filled_with_what_the_page_put_in_it() -> None:
    filled = fill(PAGE, {"user": "camille", "pass": "secret"})
    assert (filled.action, filled.method) == ("/in?next=é", "POST")
    assert {**filled.data} == {"csrf": "a&b", "user": "camille", "pass": "secret", "site": "2"}


def test_a_form_that_is_read_is_sent_as_such() -> None:
    filled = fill(PAGE, {"q": "x"})
    assert (filled.action, filled.method, filled.data) == ("/search", "GET", {"q": "x"})


def test_a_page_without_such_a_form_gives_none() -> None:
    for page in ("", "<p>Bonjour", PAGE.replace("user", "login"), "\x00\x01", "<form>" + "<p>" * MAX_ELEMENTS):
        assert fill(page, {"user": "camille"}) is None


def test_a_member_is_typed_in_each_of_its_fields_and_left_out_where_the_page_has_none() -> None:
    form = Form("/new", {"current": ("old",), "new": ("new1", "new2")})
    assert form.named({"new": "x", "code": "1"}) == {"new1": "x", "new2": "x"}


class Walk:
    """A browser that notes what it fills."""

    def __init__(self):
        self.filled = []

    def fill(self, form, typed, purpose):
        self.filled.append((purpose, form.named(typed)))


def log_in(forms):
    door = Door(None, "person", "http://dui.test/", "/", "/", forms)
    browser = Walk()
    door._log_in(browser, Account("ana", "secret", "Ana", Device(b"x" * 20)), code=True)
    return browser.filled


def test_a_log_in_takes_one_form_or_two() -> None:
    one = log_in({"login": Form("/in", {"login": ("user",), "password": ("pass",), "code": ("otp",)})})
    assert [(purpose, sorted(typed)) for purpose, typed in one] == [("login", ["otp", "pass", "user"])]
    two = log_in({
        "login": Form("/in", {"login": ("user",), "password": ("pass",)}),
        "code": Form("/code", {"code": ("otp",)}),
    })  # fmt: skip
    assert [(purpose, sorted(typed)) for purpose, typed in two] == [("login", ["pass", "user"]), ("code", ["otp"])]
