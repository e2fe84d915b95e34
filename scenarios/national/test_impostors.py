"""INSi, the DMP and the directory, each in place of the good one: with a bad certificate, then in clear."""

import pytest

from conformance.bench.acts import annuaire, dmp, insi
from conformance.bench.acts.impostors import CERTIFICATES, CLEAR, Peer, meet
from conformance.bench.stage import Stage
from conformance.drivers import operations as ops


@pytest.mark.scenario("nat.impostor-insi")
def test_nothing_is_told_to_an_impostor_of_insi(stage: Stage) -> None:
    """A search by traits, asked again while the teleservice is somebody else."""
    insi.connect(stage)
    person, there = insi.known(stage, "usager")
    settings = stage.service(insi.SERVICE)
    identity = {"birth_name": there.birth_name, "birth_date": there.birth_date}
    peer = Peer("insi", settings, lambda: stage.ask(ops.SearchIns(person.key, "traits", {})), identity, ("insi.call",))
    meet(stage, peer, (*CERTIFICATES, CLEAR))


@pytest.mark.scenario("nat.impostor-dmp")
def test_nothing_is_told_to_an_impostor_of_the_dmp(stage: Stage) -> None:
    """A consultation, asked again while the DMP is somebody else."""
    settings = dmp.settings(stage)
    user = dmp.connect(stage)
    person = dmp.holder(stage, "usager", user, authorisation="valid")
    identity = {"matricule": person.matricule, "birth_name": person.birth_name}
    act = lambda: stage.ask(ops.ConsultDmp(person.key, {}))  # noqa: E731 - as the others
    meet(stage, Peer("dmp", settings, act, identity, ("dmp.test", "dmp.search")), (*CERTIFICATES, CLEAR))


@pytest.mark.scenario("nat.impostor-annuaire")
def test_nothing_is_asked_of_an_impostor_of_the_directory(stage: Stage) -> None:
    """A search for a professional, asked again while the directory is somebody else."""
    annuaire.connect(stage)
    wanted = annuaire.listed(stage, "medecin")
    settings = stage.service(annuaire.SERVICE)
    act = lambda: stage.ask(ops.SearchDirectory(wanted.name, wanted.first_name))  # noqa: E731 - as the others
    meet(stage, Peer("annuaire", settings, act, {"name": wanted.name}, ("annuaire.search",)), (*CERTIFICATES, CLEAR))
