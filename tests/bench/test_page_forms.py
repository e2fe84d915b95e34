"""Forms of pages: the right one is found, its hidden fields go along, what is no form is left alone."""

from conformance.bench.page_forms import MAX_ELEMENTS, fill

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
