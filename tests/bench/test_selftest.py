"""The proof of the checks, through the command."""

import json

from conformance.dossier.schema import validator


def test_every_check_is_killed_and_none_raises_a_false_alarm(conformance) -> None:
    done = conformance("selftest", "--format", "json", timeout=900)
    told = json.loads(done.stdout)
    assert list(validator("selftest").iter_errors(told)) == []
    wrong = {name: told[name] for name in ("survived", "unproven", "missed", "false_alarms")}
    assert wrong == {"survived": [], "unproven": [], "missed": [], "false_alarms": []}
    assert told["ablation"]["survived"] == []
    assert told["checks"] == told["killed"] >= 40
    assert done.returncode == 0


def test_a_single_defect_can_be_looked_at(conformance) -> None:
    done = conformance("selftest", "--format", "json", "--defect", "drops-nil-header", "-n", "1", timeout=300)
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["matrix"] == {"mail.nil": ["drops-nil-header"]}
