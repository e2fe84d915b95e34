"""The examples of ``docs/in-your-tests.md`` run as they are written."""

import re
from pathlib import Path

from conformance.strategies import __all__ as strategies
from tests.checks.documents_made import n1

PAGE = Path(__file__).parents[2] / "docs" / "in-your-tests.md"
pytest_plugins = ["pytester"]


def test_every_example_runs(pytester):
    examples = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(examples) == 4
    letter = pytester.path / "letter.xml"
    letter.write_bytes(n1())
    pytester.makeconftest(
        f"""
        import pathlib
        import pytest

        @pytest.fixture
        def letter():
            return pathlib.Path({str(letter)!r}).read_bytes()
        """
    )
    pytester.makepyfile(**{f"test_example_{number}": text for number, text in enumerate(examples)})
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist")
    done.assert_outcomes(passed=sum(text.count("\ndef test_") + text.startswith("def test_") for text in examples))


def test_every_strategy_is_on_the_page():
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in strategies if name not in page] == []
