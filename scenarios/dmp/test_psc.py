"""How a product calls the DMP in the name of somebody who is logged in by Pro Santé Connect."""

import pytest

from conformance.bench.acts import dmp, psc
from conformance.bench.stage import Stage
from conformance.population import Person


def logged_in(stage: Stage) -> Person:
    """A professional other than the one the DMP is set up with logs in; a person of whom they may consult the record."""
    door = psc.door(stage)
    name = psc.account(stage)
    dmp.connect(stage, exchange=True)
    person = dmp.holder(stage, "usager", psc.PERSONA, authorisation="valid")
    stage.settle()
    door.log_in("user", name=name)
    stage.expect("psc-call", marks=(person.ins,), matricule=person.ins, user=psc.PERSONA)
    return person


@pytest.mark.scenario("dmp.psc-user")
def test_the_dmp_is_called_in_the_name_of_who_logged_in(stage: Stage) -> None:
    """A professional logs in by Pro Santé Connect and consults the DMP of a person, which takes exchanged tokens only."""
    person = logged_in(stage)
    try:
        dmp.consult(stage, person, {}, account=psc.login_of(psc.PERSONA))
    finally:
        stage.act(dmp.SERVICE, "clear")


@pytest.mark.scenario("dmp.psc-renewed-certificate")
def test_a_bound_token_ends_with_its_certificate(stage: Stage) -> None:
    """The same, then the product is given another client certificate, and the professional consults again."""
    person = logged_in(stage)
    try:
        dmp.consult(stage, person, {}, account=psc.login_of(psc.PERSONA))
        dmp.connect(stage, exchange=True, renewed=True)
        dmp.consult(stage, person, {}, account=psc.login_of(psc.PERSONA))
    finally:
        stage.act(dmp.SERVICE, "clear")
