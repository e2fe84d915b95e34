"""Which resource of one Bundle became which of the other: the same content and ties, else a shared identifier, else the nearest."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from conformance.portability.signatures import colours
from conformance.portability.units import Unit, spelled

# Under this share of common values two resources are not versions of one.
NEAR = 0.3
# Pairs looked at for one group; beyond, resources are taken in the order of their content.
MOST_PAIRS = 250_000
# The colours of both sides, round by round.
Shades = tuple[list[dict[int, str]], list[dict[int, str]]]


@dataclass
class Pairs:
    """Positions of the first Bundle to positions of the second, and what is left of both.

    ``same`` are the positions of the first Bundle whose resource is word for word the other's, ties included.
    """

    of: dict[int, int] = field(default_factory=dict)
    same: set[int] = field(default_factory=set)
    lost: list[Unit] = field(default_factory=list)
    added: list[Unit] = field(default_factory=list)


def pair(before: Sequence[Unit], after: Sequence[Unit]) -> Pairs:
    """Pair the resources of two Bundles."""
    pairs = Pairs()
    groups: defaultdict[tuple[str, str], tuple[list[Unit], list[Unit]]] = defaultdict(lambda: ([], []))
    for side, units in enumerate((before, after)):
        for unit in units:
            groups[unit.group][side].append(unit)
    shades = (colours(before), colours(after))
    for olds, news in groups.values():
        _pair_group(olds, news, pairs, shades)
    # A profile that was lost on the way must not look like a resource that was: a second look, by type alone.
    types = {unit.type for unit in pairs.lost} & {unit.type for unit in pairs.added}
    for kind in sorted(types):
        olds, news = ([u for u in side if u.type == kind] for side in (pairs.lost, pairs.added))
        pairs.lost = [u for u in pairs.lost if u.type != kind]
        pairs.added = [u for u in pairs.added if u.type != kind]
        _pair_group(olds, news, pairs, shades)
    return pairs


def _pair_group(olds: list[Unit], news: list[Unit], pairs: Pairs, shades: Shades) -> None:
    last = len(shades[0]) - 1
    before = set(pairs.of)
    olds, news = _by_key(
        olds, news, pairs, lambda u, side: [shades[side][last][u.position] + str(sorted(u.identifiers))]
    )
    pairs.same |= set(pairs.of) - before
    olds, news = _by_key(olds, news, pairs, lambda u, side: [shades[side][last][u.position]])
    olds, news = _by_key(olds, news, pairs, lambda u, _side: sorted(u.identifiers))
    for number in range(last - 1, -1, -1):
        olds, news = _by_shade(olds, news, pairs, shades, number)
    olds, news = _by_nearness(olds, news, pairs)
    if len(olds) == len(news) == 1 and olds[0].type == "Patient":
        pairs.of[olds[0].position] = news[0].position
        return
    pairs.lost += olds
    pairs.added += news


def _by_shade(
    olds: list[Unit], news: list[Unit], pairs: Pairs, shades: Shades, number: int
) -> tuple[list[Unit], list[Unit]]:
    return _by_key(olds, news, pairs, lambda u, side: [shades[side][number][u.position]])


def _by_key(
    olds: list[Unit], news: list[Unit], pairs: Pairs, keys: Callable[[Unit, int], list[str]]
) -> tuple[list[Unit], list[Unit]]:
    waiting: defaultdict[str, deque[Unit]] = defaultdict(deque)
    for unit in news:
        for key in keys(unit, 1):
            waiting[key].append(unit)
    taken: set[int] = set()
    left = []
    for unit in olds:
        found = next((n for key in keys(unit, 0) if (n := _free(waiting[key], taken))), None)
        if found is None:
            left.append(unit)
        else:
            taken.add(found.position)
            pairs.of[unit.position] = found.position
    return left, [n for n in news if n.position not in taken]


def _free(waiting: deque[Unit], taken: set[int]) -> Unit | None:
    while waiting and waiting[0].position in taken:
        waiting.popleft()
    return waiting[0] if waiting else None


def _by_nearness(olds: list[Unit], news: list[Unit], pairs: Pairs) -> tuple[list[Unit], list[Unit]]:
    if len(olds) * len(news) > MOST_PAIRS:
        olds, news = (sorted(side, key=lambda u: spelled(u.content)) for side in (olds, news))
        scored = [(nearness(a, b), a, b) for a, b in zip(olds, news, strict=False)]
    else:
        scored = [(nearness(a, b), a, b) for a in olds for b in news]
    scored = [one for one in scored if one[0] >= NEAR]
    scored.sort(key=lambda one: (-one[0], one[1].position, one[2].position))
    used_a: set[int] = set()
    used_b: set[int] = set()
    for _, a, b in scored:
        if a.position not in used_a and b.position not in used_b:
            pairs.of[a.position] = b.position
            used_a.add(a.position)
            used_b.add(b.position)
    return [a for a in olds if a.position not in used_a], [b for b in news if b.position not in used_b]


def nearness(a: Unit, b: Unit) -> float:
    """The share of values that two resources have in common (Jaccard)."""
    union = len(a.leaves | b.leaves)
    return len(a.leaves & b.leaves) / union if union else 1.0
