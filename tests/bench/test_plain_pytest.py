"""Plain pytest on the scenarios behaves as pytest users expect."""

import json

from lxml import etree


def options(example, out="results"):
    return ("--dui", str(example), "--profile", "socle-va2", "--conformance-out", out)


def test_k_selects_and_junit_is_written(plain_pytest, example, tmp_path) -> None:
    done = plain_pytest(*options(example), "-k", "colleague", "--junitxml", "junit.xml", "--alluredir", "allure")
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    suite = etree.parse(str(tmp_path / "junit.xml")).getroot()
    properties = {p.get("value") for p in suite.iter("property") if p.get("name") == "requirement"}
    assert any(value.endswith("/MSS/CONF.16") for value in properties)
    (result,) = (tmp_path / "allure").glob("*-result.json")
    labels = {(row["name"], row["value"]) for row in json.loads(result.read_text(encoding="utf-8"))["labels"]}
    assert {("tag", value) for value in properties} <= labels
    assert {"epic", "feature", "story"} <= {name for name, _ in labels}


def test_n_keeps_one_lane_serial(plain_pytest, example) -> None:
    done = plain_pytest(*options(example), "-n", "2", "-k", "personal_box or application_box or plain_message")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    # The example cannot set up an application's box, and fails one requirement of a personal one.
    assert "1 failed, 1 passed, 1 skipped" in done.stdout
    assert "error" not in done.stdout.lower().split("===")[-1]


def test_lf_plays_the_last_failures_again(plain_pytest, example, tmp_path) -> None:
    text = example.read_text(encoding="utf-8").replace("DUI-EXAMPLE-0001", "ANOTHER-REFERENCE")
    sheet = tmp_path / "dui.toml"
    sheet.write_text(text, encoding="utf-8")
    first = plain_pytest(*options(sheet, "one"), "-k", "plain_message")
    assert first.returncode == 1
    assert "mail.nil" in first.stdout
    second = plain_pytest(*options(sheet, "two"), "--lf")
    assert "1 failed" in second.stdout
    assert "passed" not in second.stdout.splitlines()[-1]


def test_scenarios_without_a_product_are_a_usage_error(plain_pytest) -> None:
    done = plain_pytest()
    assert done.returncode == 4
    assert "--dui" in done.stderr


def test_the_plugin_is_inert_beside_other_tests(pytester) -> None:
    pytester.makepyfile("def test_one(): assert True")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
