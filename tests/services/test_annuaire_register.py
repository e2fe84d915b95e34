"""What a search of the directory finds, read as needed, beside a plain model of it."""

from __future__ import annotations

from conformance._bundled.fixtures.directory import professionals
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.services.annuaire import register as module
from conformance.services.annuaire.professional import Professional
from conformance.services.annuaire.register import Criterion, Key, Register, fold

BACKGROUND = list(professionals(1, 120, "annuaire.test"))
OVER = Register(BACKGROUND)
PLACES = st.none() | st.integers(-5, 130)


def model(own: list[Professional], gone: set[str], start: str, limit: int) -> list[Key]:
    """Own entries first, then by folded name, and nobody twice."""

    def met(among: list[Professional]) -> list[Key]:
        kept = sorted(
            (p for p in among if fold(p.family).startswith(start)),
            key=lambda p: (fold(p.family), fold(p.given), p.rpps),
        )
        return [Key(p.rpps, p.finess) for p in kept]

    hidden = gone | {p.rpps for p in own}
    below = [p for p in BACKGROUND if p.rpps not in hidden]
    return (met(own) + met(below))[:limit]


@settings(max_examples=150, deadline=None)
@given(
    own=st.sets(st.sampled_from(range(len(BACKGROUND))), max_size=20),
    gone=st.sets(st.sampled_from(range(len(BACKGROUND))), max_size=20),
    letters=st.sampled_from(["", "b", "m", "zz", "de"]),
    limit=st.integers(0, 130),
    place=st.builds(slice, PLACES, PLACES, st.none() | st.integers(1, 3)),
    most=st.sampled_from([0, 500]),
)
def test_keys_read_as_needed_are_those_of_a_plain_search(
    own: set[int], gone: set[int], letters: str, limit: int, place: slice, most: int
) -> None:
    register = Register((BACKGROUND[n] for n in own), over=OVER)
    for n in gone:
        register.remove(BACKGROUND[n].rpps)
    kept = [BACKGROUND[n] for n in own - gone]
    before, module._MOST_HIDDEN = module._MOST_HIDDEN, most
    try:
        found = register.find((Criterion(("family_key",), "starts", (letters,)),), limit=limit)
    finally:
        module._MOST_HIDDEN = before
    expected = model(kept, {BACKGROUND[n].rpps for n in gone}, letters, limit)
    assert (len(found), list(found), list(found[place])) == (len(expected), expected, expected[place])
    if expected:
        assert (found[0], found[-1]) == (expected[0], expected[-1])


def test_pages_still_to_come_are_those_of_the_day_of_the_search() -> None:
    register = Register(over=OVER)
    found = register.find((), limit=2000)
    register.remove(BACKGROUND[0].rpps)
    register.add([BACKGROUND[1]])
    assert len(found[:]) == len(BACKGROUND)
    assert len(register.find((), limit=2000)) == len(BACKGROUND) - 1
