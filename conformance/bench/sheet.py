"""What a product sheet names must exist in the profiles: a typing error must not quietly change a verdict."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from conformance.bench.profiles import shipped_profiles
from conformance.core.errors import UsageError
from conformance.core.product import Product
from conformance.core.profile import load_profile
from conformance.core.requirement import Profile
from conformance.core.words import Keyword


def refuse_unknown(product: Product, chosen: Sequence[Profile], origin: str) -> None:
    """Raise a :class:`UsageError` that names the first condition, offer, parameter or scenario nobody knows.

    A sheet may speak to every shipped profile, whichever are played; a parameter may be set only where a
    profile calls it a hypothesis.
    """
    profiles = [*chosen, *(load_profile(path) for path in shipped_profiles().values())]
    _refuse("conditions", product.conditions, {name for p in profiles for name in p.conditions}, origin)
    optional = {r.id for p in profiles for r in p.requirements if r.level is Keyword.PEUT}
    _refuse("offers", product.offers, optional, origin)
    asked = [f"{table}.{name}" for table, values in product.parameters.items() for name in values]
    _refuse("parameters", asked, {name for p in profiles for name in p.hypotheses}, origin)
    named = [name for lane in product.lanes for name in lane.scenarios]
    _refuse("lane.scenarios", named, {name for p in profiles for name in p.scenarios}, origin)


def _refuse(table: str, asked: Iterable[str], known: set[str], origin: str) -> None:
    for name in asked:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise UsageError("dui.unknown-name", path=origin, table=table, name=name, near=near[0] if near else "∅")
