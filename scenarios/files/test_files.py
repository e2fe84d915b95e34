"""The EICAR test file by each way in, and what a set made for tests still says of people."""

import pytest

from conformance.bench.acts import files
from conformance.bench.stage import Stage


@pytest.mark.scenario("av.upload")
def test_an_infected_file_is_not_kept(stage: Stage) -> None:
    """The EICAR test file, put in a record beside a harmless one."""
    files.upload(stage)


@pytest.mark.scenario("av.dmp")
def test_an_infected_document_of_the_dmp_is_not_kept(stage: Stage) -> None:
    """A document of the DMP whose body is the EICAR test file, brought into a record beside a sound one."""
    files.taken(stage)


@pytest.mark.scenario("anon.test-set")
def test_a_set_made_for_tests_names_nobody(stage: Stage) -> None:
    """Persons of the product, then the set that its tool makes."""
    files.made_for_tests(stage)
