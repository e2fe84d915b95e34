"""A long campaign of mutations on every target: bytes cut, doubled, overwritten, and words of one input put in another.

Slower than the coverage-guided engine and without it: ``tox -e fuzz`` plays both, this one first.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.heavy
EXAMPLES = 1500
WORDS = (
    b"<",
    b">",
    b"&",
    b'"',
    b"\x00",
    b"\xff\xfe",
    b"%PDF-",
    b"PK\x03\x04",
    b"--",
    b"\r\n\r\n",
    b"{",
    b"[",
    b"]]>",
    b"\xf0",
)
INTERESTING = st.one_of(st.sampled_from(WORDS), st.binary(max_size=12), st.integers(0, 2**64).map(lambda n: b"%d" % n))


@st.composite
def mutated(draw, seeds):
    content = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 40))
        act = draw(st.sampled_from(["cut", "double", "overwrite", "insert", "end", "swap"]))
        if act == "cut":
            del content[at : at + length]
        elif act == "double":
            content[at:at] = content[at : at + length] * draw(st.integers(1, 60))
        elif act == "overwrite":
            content[at : at + length] = draw(INTERESTING)
        elif act == "insert":
            content[at:at] = draw(INTERESTING)
        elif act == "end":
            del content[at:]
        else:
            other = draw(st.sampled_from(seeds))
            start = draw(st.integers(0, len(other)))
            content[at : at + length] = other[start : start + length]
    return bytes(content)


@pytest.mark.parametrize("name", TARGETS)
def test_no_mutation_breaks_a_parser(name):
    target = TARGETS[name]
    read = 0

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(mutated(target.seeds()))
    def play(content):
        nonlocal read
        target.read(content)
        read += 1

    play()
    assert read >= EXAMPLES
