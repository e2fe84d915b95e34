"""Acts with prints: what a site sets for them, and what must then be read on the documents that leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.population import Person


@contextmanager
def notice(stage: Stage, text: str) -> Iterator[None]:
    """Have the site show a notice at the foot of its documents, and its own again afterwards."""
    stage.perform(ops.SetFooter(text))
    try:
        yield
    finally:
        stage.attempt(ops.SetFooter(""))


@contextmanager
def further_traits(stage: Stage, *names: str) -> Iterator[None]:
    """Have the site print further traits, and none afterwards."""
    stage.perform(ops.SetPrintedTraits(names))
    try:
        yield
    finally:
        stage.attempt(ops.SetPrintedTraits(()))


def expect_notice(stage: Stage, to: str, text: str) -> None:
    """Say that the prints for an address must show a notice at their foot."""
    stage.expect("printed-notice", marks=(to,), to=to, text=text)


def expect_traits(stage: Stage, person: Person, to: str, user: str, traits: Mapping[str, str]) -> None:
    """Say that the prints for an address must show further traits; ``user`` is ``first`` or ``second``."""
    stage.expect("printed-traits", marks=(to,), to=to, person=person.key, user=user, traits=dict(traits))
