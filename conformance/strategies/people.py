"""People of the bench as strategies: populations, identities, matricules with their key, professionals."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from conformance._bundled.fixtures.people import Population
from conformance._bundled.fixtures.places import Origin
from conformance.population import Correspondent, IdentityStatus, Person

__all__ = ["ins_matricules", "near_ins_matricules", "persons", "populations", "professionals"]

# Corsica, whose letter counts in the key, and abroad are drawn as often as the mainland: that is where products fail.
ORIGINS: tuple[Origin, ...] = get_args(Origin)
STATUSES: tuple[IdentityStatus, ...] = get_args(IdentityStatus)
SCENARIO = "strategy"


def populations() -> st.SearchStrategy[Population]:
    """Whole populations of the bench, each the only fruit of its seed."""
    return st.builds(Population, st.integers(0, 2**32 - 1))


@st.composite
def persons(draw: st.DrawFn, *, status: IdentityStatus | None = "qualifiee") -> Person:
    """A person accompanied, qualified unless another ``status`` is asked; ``None`` draws any status.

    Only a retrieved or a qualified identity has a matricule (RNIV).
    """
    people = draw(populations())
    given = draw(st.sampled_from(STATUSES)) if status is None else status
    person: Person = people.person(SCENARIO, "usager", status=given, origin=draw(st.sampled_from(ORIGINS)))
    return person


def ins_matricules() -> st.SearchStrategy[str]:
    """INS matricules with their key: fifteen characters, Corsica's letters included."""
    return persons().map(lambda person: person.ins)


@st.composite
def near_ins_matricules(draw: st.DrawFn) -> str:
    """Matricules that miss by one fault: a wrong key, a character less or more, a letter where a digit stands."""
    ins = draw(ins_matricules())
    wrong_key = f"{ins[:13]}{int(ins[13:]) % 97 + 1:02d}"
    return draw(st.sampled_from([wrong_key, ins[:14], f"{ins}0", f"{ins[:9]}X{ins[10:]}", f"{ins[:13]} {ins[13:]}"]))


def professionals(*, domain: str = "pro.strategy.mss.test") -> st.SearchStrategy[Correspondent]:
    """Professionals with an RPPS, and organisations with a FINESS, behind a mailbox of ``domain``."""
    return st.builds(
        lambda people, kind: people.correspondent(SCENARIO, "correspondant", domain=domain, kind=kind),
        populations(),
        st.sampled_from(["PER", "ORG"]),
    )
