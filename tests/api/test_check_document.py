"""``from conformance import check_document``, and what the plug-in gives to an editor's tests."""

import subprocess
import sys

import pytest

import conformance
from conformance import CheckedDocument, InvalidDocument, assert_conforming, check_document
from conformance.core.texts import use_language
from tests.checks.documents_made import n1, put, valid_xdm
from tests.checks.mails import carrier

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def english():
    use_language("en")
    yield
    use_language(None)


@pytest.mark.parametrize(("made", "kind"), [(n1, "cda"), (valid_xdm, "xdm"), (carrier, "message")])
def test_what_conforms_is_valid_whatever_its_kind(made, kind):
    checked = check_document(made())
    assert (checked.kind, checked.valid, checked.errors) == (kind, True, ())
    assert checked.raise_if_invalid() is checked


@pytest.mark.parametrize("as_given", [str, lambda path: path])
def test_a_path_is_read_and_named(tmp_path, as_given):
    path = tmp_path / "letter.bin"
    path.write_bytes(n1())
    checked = check_document(as_given(path))
    assert (checked.path, checked.kind, checked.valid) == (str(path), "cda", True)


def test_a_failure_is_the_error_card():
    checked = check_document(n1(put("h:code", code="00000-0")))
    assert checked.failed("cda.code")
    assert not checked.failed("cda.title")
    with pytest.raises(InvalidDocument) as failed:
        checked.raise_if_invalid()
    told = str(failed.value)
    assert failed.value.checked is checked
    assert "The document does not conform (CDA): 1 error(s)." in told
    assert "[cda.unknown-code]" in told
    assert "/ClinicalDocument/code" in told


def test_warnings_do_not_fail():
    checked = check_document(n1(put("h:languageCode", code="de-DE")))
    assert checked.valid
    assert [finding.check for finding in checked.warnings] == ["cda.language"]


def test_what_is_no_document_answers_and_does_not_raise(tmp_path):
    assert not check_document(b"").valid
    assert not check_document(tmp_path / "absent.xml").valid
    assert not check_document(b"\x00" * 10).valid
    with pytest.raises(TypeError, match="bytes or a path"):
        check_document(12)


def test_the_names_of_the_package_are_all_there_and_nothing_is_loaded_before():
    assert {name: hasattr(conformance, name) for name in conformance.__all__} == dict.fromkeys(
        conformance.__all__, True
    )
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = conformance.no_such_name
    code = "import sys, conformance; sys.exit('conformance.documents_api' in sys.modules or 'lxml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert isinstance(assert_conforming(n1()), CheckedDocument)


def test_the_fixtures_judge_inside_a_test_of_an_editor(pytester, monkeypatch):
    monkeypatch.setenv("CONFORMANCE_LANG", "en")
    pytester.path.joinpath("good.xml").write_bytes(n1())
    pytester.path.joinpath("bad.xml").write_bytes(n1(put("h:code", code="00000-0")))
    pytester.makepyfile(
        """
        def test_good(check_document):
            assert check_document("good.xml").valid

        def test_bad(assert_conforming):
            assert_conforming("bad.xml")
        """
    )
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["*InvalidDocument: The document does not conform (CDA): 1 error(s).*"])
    done.stdout.fnmatch_lines(["*cda.unknown-code*"])
    # The frames of the harness are hidden: the last one shown is the editor's own line.
    done.stdout.fnmatch_lines([">*assert_conforming(*bad.xml*"])
    assert "documents_api.py:" not in done.stdout.str()
