"""Acts on who holds an account: what is known of them, private identifiers, registering alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.bench.acts import identity_pages
from conformance.bench.acts.accounts import Account, Door, door
from conformance.bench.hindrance import Hindered
from conformance.bench.sight import Wanted
from conformance.bench.stage import Stage
from conformance.core.words import Fault
from conformance.drivers import operations as ops
from conformance.drivers.operations import Audience
from conformance.population import Person

# How pages may say a sex; one letter would be met anywhere.
SEXES: Mapping[str, tuple[str, ...]] = {"M": ("masculin", "homme"), "F": ("féminin", "femme")}
SAID = {"M": "masculin", "F": "féminin"}


def attributes(stage: Stage, audience: Audience) -> None:
    """An account made with all that must be known of its holder, who then logs in and looks."""
    front = door(stage, audience)
    values = _professional(front) if audience == "professional" else _person(stage.person("titulaire", known=False))
    forms = {name: _forms(name, value) for name, value in values.items()}
    held = front.account("titulaire", attributes=values)
    stage.expect("attributes", label="holder", audience=audience, values=forms)
    wanted = tuple(form for one in forms.values() for form in one)
    with front.entered("holder", held) as browser:
        browser.look(front.account_page, "account", wanted=Wanted(wanted, loosely=True))


def private_identifiers(stage: Stage) -> None:
    """Two accounts are given one private identifier, a third another; each holder looks at their own account."""
    front = door(stage, "professional")
    front = replace(front, home=front.account_page)
    one, other = f"P{front.digest('one')}", f"P{front.digest('other')}"
    for label, private in (("first", one), ("third", other)):
        held = front.account(label, attributes={"private_id": private})
        front.enter(label, held, wanted=(private,))
    twice = front.made("second")
    stage.ask(replace(front.creation(twice), attributes={"private_id": one}))
    front.enter("second", twice, wanted=(one,))
    front.trial("private", controls=("first", "third"), closed=["second"], shown=True)


def self_registration(stage: Stage) -> None:
    """Somebody registers alone, and is not let in before the identity was verified by a means that the product offers."""
    front = door(stage, "person")
    if not front.means:
        raise Hindered("hindrance.no-means", Fault.CONFIGURATION)
    neighbour = front.account("voisin")
    front.enter("neighbour", neighbour)
    verified, kept_out, acts = [], [], []
    for means in front.means:
        held = front.made(f"seul-{means}")
        _register(front, held, stage.person(f"seul-{means}", known=False), f"register-{means}")
        front.equip(held)
        front.enter(f"before-{means}", held)
        stage.perform(ops.VerifyAccount(held.login, means))
        front.enter(f"after-{means}", held)
        kept_out.append(f"before-{means}")
        verified.append(f"after-{means}")
        acts.append((f"register-{means}", "register"))
    front.trial("unverified", controls=("neighbour", *verified), closed=kept_out, acts=acts)
    front.trial("means", controls=("neighbour",), open=verified, acts=acts)


def _register(front: Door, held: Account, person: Person, label: str) -> None:
    form = front.form("register")
    known = {"login": held.login, "password": held.password, **_person(person)}
    with front.browser(label) as browser:
        browser.fill(form, {member: known.get(member, "") for member in form.fields}, "register")


def _professional(front: Door) -> dict[str, str]:
    professional = front.stage.correspondent("professionnel")
    return {
        "rpps": professional.identifier[1:],
        "private_id": f"P{front.digest('private')}",
        "exercise_name": professional.name,
        "first_name": professional.first_name,
        "profession": "Médecin",
    }


def _person(person: Person) -> dict[str, str]:
    return {
        "ins": person.ins,
        "birth_name": person.birth_name,
        "birth_first_names": " ".join(person.birth_first_names),
        "sex": SAID[person.sex],
        "birth_date": person.birth_date,
        "birth_place": person.birth_place,
    }


def _forms(name: str, value: str) -> list[str]:
    """The ways in which a page may say a value."""
    if name == "sex":
        return list(next(forms for forms in SEXES.values() if value in forms))
    if name == "birth_date":
        return list(identity_pages.days(value))
    # A matricule may stand apart from its key.
    return [value, value[:-2]] if name == "ins" else [value]
