"""The TDDUI scenarios against products: one that offers nothing of it, one that loses something."""

import json


def verdicts(folder):
    told = json.loads((folder / "verdicts.json").read_text(encoding="utf-8"))
    return {row["id"]: row["verdict"] for row in told["verdicts"]}


def test_a_product_that_offers_none_of_it_fails_nothing(conformance, example, tmp_path) -> None:
    done = conformance("run", "--dui", str(example), "--profile", "tddui-2.3", "--out", "results")
    found = set(verdicts(tmp_path / "results").values())
    assert found <= {"blocked", "not_run"}, done.stdout
    assert done.returncode == 5


def test_a_loss_on_import_fails_what_rests_on_it_and_nothing_else(conformance, tmp_path) -> None:
    arguments = ("--profile", "tddui-2.3", "--defect", "files-days-instead-of-times", "--out", "results")
    done = conformance("demo", *arguments)
    found = verdicts(tmp_path / "results")
    failed = {id.rpartition("/")[2] for id, verdict in found.items() if verdict == "fail"}
    assert failed == {"portability", "filed"}, done.stdout
    assert set(found.values()) == {"pass", "fail"}
    assert done.returncode == 1
    report = (tmp_path / "results" / "report.html").read_text(encoding="utf-8")
    assert "Encounter.period.start" in report
