"""What a product sheet says must fit the profiles: a typing error must not quietly change a verdict."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from conformance.bench.profiles import shipped_profiles
from conformance.core.errors import UsageError
from conformance.core.nearest import nearest
from conformance.core.product import Product
from conformance.core.profile import load_profile
from conformance.core.requirement import Profile
from conformance.core.words import Keyword
from conformance.hardening import SCENARIO

# Characters shown of a value and of the one that it would replace.
EXAMPLE = 120


def refuse_unfit(product: Product, chosen: Sequence[Profile], origin: str) -> None:
    """Raise a :class:`UsageError` that names the first condition, offer, parameter or scenario nobody knows.

    A parameter must also have the shape of the value that it replaces.

    A sheet may speak to every shipped profile, whichever are played; a parameter may be set only where a
    profile calls it a hypothesis.
    """
    profiles = [*chosen, *(load_profile(path) for path in shipped_profiles().values())]
    _refuse("conditions", product.conditions, {name for p in profiles for name in p.conditions}, origin)
    optional = {r.id for p in profiles for r in p.requirements if r.level is Keyword.PEUT}
    _refuse("offers", product.offers, optional, origin)
    asked = [f"{table}.{name}" for table, values in product.parameters.items() for name in values]
    _refuse("parameters", asked, {name for p in profiles for name in p.hypotheses}, origin)
    for profile in profiles:
        for dotted in profile.hypotheses:
            _refuse_other_shape(product, profile, dotted, origin)
    named = [name for lane in product.lanes for name in lane.scenarios]
    _refuse("lane.scenarios", named, {SCENARIO, *(name for p in profiles for name in p.scenarios)}, origin)


def refuse_unknown_scenarios(asked: Iterable[str], chosen: Sequence[Profile]) -> None:
    """Raise a :class:`UsageError` for the first scenario asked for by name that the profiles of the run do not play."""
    known = {SCENARIO, *(name for profile in chosen for name in profile.scenarios)}
    for name in asked:
        if name not in known:
            raise UsageError("run.unknown-scenario", name=name, near=nearest(name, known))


def _refuse_other_shape(product: Product, profile: Profile, dotted: str, origin: str) -> None:
    table, _, name = dotted.partition(".")
    asked, usual = product.parameters.get(table, {}), profile.parameters.get(table, {})
    if name in asked and name in usual and not _same_shape(asked[name], usual[name]):
        example = json.dumps(usual[name], ensure_ascii=False)[:EXAMPLE]
        raise UsageError(
            "dui.value", path=origin, key=f"parameters.{dotted}", expected=example, got=repr(asked[name])[:EXAMPLE]
        )


def _same_shape(asked: Any, usual: Any) -> bool:
    """The same type; the members of a table or list have the shape of one of those they replace."""
    if type(asked) is not type(usual):
        return False
    members, known = (list(v.values()) if isinstance(v, dict) else v for v in (asked, usual))
    return not isinstance(members, list) or all(any(_same_shape(m, k) for k in known) for m in members)


def _refuse(table: str, asked: Iterable[str], known: set[str], origin: str) -> None:
    for name in asked:
        if name not in known:
            raise UsageError("dui.unknown-name", path=origin, table=table, name=name, near=nearest(name, known))
