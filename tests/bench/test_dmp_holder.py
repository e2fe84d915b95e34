"""What a product is told of a person before the DMP comes into it."""

from types import SimpleNamespace

from conformance.bench.acts import dmp
from conformance.drivers import operations as ops
from conformance.drivers.outcome import Answered, Outcome
from conformance.population import Person

PERSON = Person("usager", "DURAND", ("Anne",), "1950-01-31", "F", "75101", "qualifiee", "2500175101001", "12")


def test_the_non_opposition_is_recorded_before_anything_is_fed() -> None:
    asked = []

    def attempt(operation):
        asked.append(operation)
        return Outcome(Answered.NOT_OFFERED)

    nothing = lambda *_, **__: None  # noqa: E731 - stands for three methods
    stage = SimpleNamespace(person=lambda *_, **__: PERSON, attempt=attempt, act=nothing, expect=nothing)
    assert dmp.holder(stage, "usager", "899700000001") == PERSON
    assert asked == [ops.RecordOpposition("usager", "dmp", opposed=False)]
