"""Acts on identities: playing the cases of the table, and creating persons with more or fewer traits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from conformance import rniv
from conformance.bench.acts import insi
from conformance.bench.hindrance import Hindered
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops
from conformance.population import Person


def play(stage: Stage, box: str, cases: Iterable[rniv.Case]) -> None:
    """Play cases one after the other, each on a person and a correspondent of its own.

    A case that the product hinders does not stop the others; the first hindrance is told at the end.
    """
    hindrances = []
    for case in cases:
        try:
            _play(stage, box, case)
        except Hindered as hindrance:
            hindrances.append(hindrance)
    if hindrances:
        raise hindrances[0]


def register(stage: Stage, person: Person) -> Person:
    """Create a person with all that is told of it."""
    stage.window.write("population.person", person.as_json(), marks=(person.matricule, person.ins, person.key))
    stage.perform(ops.CreatePerson(person.key, person.as_json()))
    return person


def create(stage: Stage, role: str, **traits: Any) -> tuple[Person, Person]:
    """Create a person from the mandatory traits alone; answers it as created and as the state knows it."""
    here, there = _drawn(stage, role, **traits)
    stage.perform(ops.CreatePerson(here.key, _mandatory(here)))
    return here, there


def created(stage: Stage, box: str, role: str, **traits: Any) -> None:
    """As :func:`create`, which is what is judged; INSi is asked about the person, and a document tells its traits."""
    here, there = _drawn(stage, role, **traits)
    doctor = stage.people.correspondent(stage.place, f"medecin-{role}", domain=stage.here.correspondents_domain)
    stage.expect(
        "ins-created", marks=(doctor.address, there.matricule), person=here.key, to=doctor.address, **_named(here)
    )
    if not stage.ask(ops.CreatePerson(here.key, _mandatory(here))).done:
        return
    insi.tell(stage, there)
    stage.ask(ops.SearchIns(here.key, "traits", {}))
    stage.control(f"INSi is asked about {role}", stage.await_record("insi.call", there.matricule))
    stage.perform(ops.AddCorrespondent(here.key, doctor.address, doctor.as_json()))
    stage.validate(here, box, to=(doctor,))


def incomplete(stage: Stage, trait: str) -> None:
    """Create a person without one of the mandatory traits; INSi is then asked about it, in case it exists all the same."""
    here, there = _drawn(stage, f"sans-{trait}")
    stage.expect("ins-incomplete", marks=(there.matricule,), person=here.key, missing=trait, **_named(here))
    told = {name: value for name, value in _mandatory(here).items() if name != trait}
    stage.ask(ops.CreatePerson(here.key, told))
    stage.attempt(ops.SearchIns(here.key, "traits", {}))


def acted(stage: Stage, case: rniv.Case) -> tuple[Person, Person]:
    """Create the person of a case and do its acts; answers it as created and as the state knows it."""
    here, there = create(stage, case.name)
    if not case.calls:
        stage.expect("ins-no-call", marks=(there.matricule,), case=case.name, matricule=there.matricule, **_named(here))
    if case.acts and not any(act.name == "insi-none" for act in case.acts):
        insi.tell(stage, there)
    for act in case.acts:
        ACTS[act.name](stage, here, there, act.value)
    return here, there


def locked(stage: Stage, box: str, here: Person, there: Person) -> None:
    """Try each strict trait without any special right, then a complementary one; a document tells what became of them."""
    for trait in rniv.STRICT:
        stage.ask(ops.CorrectAsUser(here.key, {trait: other(there, trait)}))
    used = stage.ask(ops.CorrectAsUser(here.key, {"used_name": other(there, "used_name")}))
    doctor = stage.correspondent("medecin-verrou", of=here)
    stage.expect(
        "ins-locked",
        marks=(doctor.address, there.matricule, there.ins),
        person=here.key,
        to=doctor.address,
        identity=there.as_json(),
        complementary=used.done,
    )
    stage.validate(there, box, to=(doctor,))


def statuses(stage: Stage, person: Person, *changes: tuple[str, str]) -> None:
    """Ask how the status of an identity changed, which must have been so."""
    stage.expect("ins-statuses", person=person.key, changes=[list(change) for change in changes])
    stage.attempt(ops.ReadStatusHistory(person.key))


def renumbered(stage: Stage, person: Person, step: int) -> Person:
    """The same person under another matricule of the same month and place."""
    order = (int(person.matricule[-3:]) + step) % 1000
    number = f"{person.matricule[:-3]}{order:03d}"
    return replace(person, matricule=number, cle=stage.made("identifiers").ins_key(number))


def history(stage: Stage, person: Person, former: Sequence[Person]) -> None:
    """Ask for the INS that a person had."""
    stage.expect("ins-history", person=person.key, former=[f.ins for f in former])
    stage.attempt(ops.ReadInsHistory(person.key))


def gone(stage: Stage, person: Person, why: str) -> None:
    """Say that from now on nothing leaves under the matricule of a person."""
    stage.settle()
    stage.expect(
        "ins-gone", marks=(person.matricule, person.ins), matricule=person.ins, why=why, after=dict(stage.now())
    )


def document_of(stage: Stage, box: str, here: Person, there: Person, name: str, members: Mapping[str, Any]) -> None:
    """Validate a document for a correspondent of a person's own, and say what it must show of the identity."""
    doctor = stage.correspondent(f"medecin-{name}", of=here)
    # What an earlier document of the same person still has to send is not this one's.
    stage.settle()
    stage.expect(
        "ins-case",
        marks=(doctor.address, there.matricule, there.ins),
        case=name,
        person=here.key,
        to=doctor.address,
        matricule=there.ins,
        oid=there.oid,
        **members,
        **_named(here),
    )
    stage.validate(there if members["carried"] else here, box, to=(doctor,))


def _play(stage: Stage, box: str, case: rniv.Case) -> None:
    here, there = acted(stage, case)
    if case is rniv.LOCKED[0]:
        seen = stage.await_record("insi.call", there.matricule)
        stage.control("INSi is asked about an identity without attribute", seen)
    document_of(stage, box, here, there, case.name, {"status": case.status, "carried": case.carried})


def _drawn(stage: Stage, role: str, **traits: Any) -> tuple[Person, Person]:
    """A person of the run, known here by its traits only, and as the state knows it."""
    there = replace(stage.people.person(stage.place, role), **traits)
    here = replace(there, status="provisoire", matricule="", cle="", oid="", used_name="")
    stage.window.write("population.person", here.as_json(), marks=(there.key, there.matricule, there.ins))
    return here, there


def _mandatory(person: Person) -> dict[str, Any]:
    return {name: value for name, value in person.as_json().items() if name in rniv.MANDATORY}


def _search(stage: Stage, here: Person, _there: Person, _: str) -> None:
    stage.ask(ops.SearchIns(here.key, "traits", {}))


def _search_by_card(stage: Stage, here: Person, there: Person, _: str) -> None:
    stage.ask(ops.SearchIns(here.key, "card", {name: getattr(there, name) for name in insi.CARD}))


def _search_among_twins(stage: Stage, here: Person, there: Person, _: str) -> None:
    twin = renumbered(stage, there, 1)
    insi.tell(stage, twin)
    _search(stage, here, there, "")
    insi.forget(stage, twin)


def _document(stage: Stage, here: Person, _there: Person, document: str) -> None:
    stage.ask(ops.ConfirmIdentity(here.key, document))


def _denied(stage: Stage, here: Person, there: Person, _: str) -> None:
    insi.forget(stage, there)
    stage.ask(ops.VerifyIns(here.key))


def _change(stage: Stage, here: Person, there: Person, trait: str) -> None:
    stage.perform(ops.CorrectIdentity(here.key, {trait: other(there, trait)}))


def _mark(stage: Stage, here: Person, _there: Person, attribute: str) -> None:
    stage.perform(ops.MarkIdentity(here.key, attribute, marked=True))  # type: ignore[arg-type]


def _lift(stage: Stage, here: Person, _there: Person, attribute: str) -> None:
    stage.perform(ops.MarkIdentity(here.key, attribute, marked=False))  # type: ignore[arg-type]


def other(person: Person, trait: str) -> Any:
    """Another value of a trait."""
    match trait:
        case "birth_first_names":
            return [*person.birth_first_names[:-1], "ESSAI"]
        case "birth_date":
            return (date.fromisoformat(person.birth_date) - timedelta(days=1)).isoformat()
        case "sex":
            return "F" if person.sex == "M" else "M"
        case "birth_place":
            return rniv.UNKNOWN_PLACE
    return f"{person.birth_name} ESSAI"


def _named(person: Person) -> dict[str, Any]:
    """The traits by which a call or a document is known to be about a person."""
    return {
        "birth_name": person.birth_name,
        "first_name": person.first_name,
        "birth_date": person.birth_date,
    }


ACTS: Mapping[rniv.ActName, Callable[[Stage, Person, Person, str], None]] = {
    "insi": _search,
    "insi-card": _search_by_card,
    "insi-none": _search,
    "insi-several": _search_among_twins,
    "document": _document,
    "denied": _denied,
    "change": _change,
    "mark": _mark,
    "lift": _lift,
}
