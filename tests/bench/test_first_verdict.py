"""A new editor's first hour: three operations, and real verdicts."""

import json
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "three_operations.py"


@pytest.mark.parametrize(
    ("arguments", "token", "said"), [(["taken"], "t", "port "), ([], "t", "usage: "), (["8099"], "", "usage: ")]
)
def test_the_example_tells_what_it_lacks(arguments, token, said) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        given = [str(taken.getsockname()[1]) if word == "taken" else word for word in arguments]
        done = subprocess.run(
            [sys.executable, str(EXAMPLE), *given],
            env={"DUI_CONTROL_TOKEN": token},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr.startswith(said), len(done.stderr.splitlines())) == (1, True, 1)


def test_doctor_finds_the_example_in_order(conformance, example) -> None:
    done = conformance("doctor", "--dui", str(example), "--format", "json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["verdict"]) == (0, "ok")
    assert len(told["checks"]) == 10


def test_doctor_tells_a_wrong_token_apart(conformance, example) -> None:
    done = conformance("doctor", "--dui", str(example), "--format", "json", DUI_CONTROL_TOKEN="another")
    told = {row["check"]: row["verdict"] for row in json.loads(done.stdout)["checks"]}
    assert done.returncode == 3
    assert (told["reach"], told["authorised"], told["identity"]) == ("ok", "setup", "skipped")


def test_doctor_tells_an_absent_product_apart(conformance, example, tmp_path) -> None:
    elsewhere = tmp_path / "elsewhere.toml"
    text = example.read_text(encoding="utf-8")
    elsewhere.write_text(text.replace("http://127.0.0.1:", "http://127.0.0.1:1"), encoding="utf-8")
    done = conformance("doctor", "--dui", str(elsewhere))
    assert done.returncode == 3
    assert "Is the software started?" in done.stdout or "Nothing answers" in done.stdout


def test_three_operations_give_verdicts_and_a_dossier(conformance, example, tmp_path) -> None:
    done = conformance("run", "--dui", str(example), "--profile", "socle-va2", "--out", "results")
    assert done.returncode == 1, done.stdout + done.stderr
    verdicts = json.loads((tmp_path / "results" / "verdicts.json").read_text(encoding="utf-8"))
    by_id = {row["id"]: row for row in verdicts["verdicts"]}
    passed = [row["id"] for row in verdicts["verdicts"] if row["verdict"] == "pass"]
    failed = [row["id"] for row in verdicts["verdicts"] if row["verdict"] == "fail"]
    # What docs/getting-started.md promises of the example.
    assert {"MSS/CONF.04", "MSS/CONF.07", "MSS/CONF.11"} <= set(passed)
    assert failed == ["MSS/CONF.05", "SSI/GEN.12"]
    assert all(by_id[id]["evidence"] and by_id[id]["provenance"] for id in passed)
    blocked = next(row for row in verdicts["verdicts"] if row["verdict"] == "blocked")
    assert any(aspect["reason"] for aspect in blocked["aspects"])
    names = {p.name for p in (tmp_path / "results").iterdir()}
    assert {
        "verdicts.json",
        "junit.xml",
        "requirements.junit.xml",
        "results.sarif",
        "report.html",
        "allure-results",
        "dossier.zip",
    } <= names
    assert zipfile.is_zipfile(tmp_path / "results" / "dossier.zip")


def test_the_control_token_reaches_no_output(conformance, example, tmp_path) -> None:
    conformance("run", "--dui", str(example), "--profile", "socle-va2", "--out", "results")
    token = b"a-token-for-tests"
    with zipfile.ZipFile(tmp_path / "results" / "dossier.zip") as dossier:
        assert all(token not in dossier.read(name) for name in dossier.namelist())
    found = [p for p in (tmp_path / "results").rglob("*") if p.is_file() and token in p.read_bytes()]
    assert found == []


def test_a_folder_is_not_overwritten(conformance, example, tmp_path) -> None:
    (tmp_path / "results" / "evidence" / "journal").mkdir(parents=True)
    (tmp_path / "results" / "evidence" / "journal" / "x.jsonl").write_text("{}\n", encoding="utf-8")
    done = conformance("run", "--dui", str(example), "--profile", "socle-va2", "--out", "results")
    assert (done.returncode, "--resume" in done.stderr) == (2, True)


def test_an_unknown_profile_is_told_with_the_nearest(conformance, example) -> None:
    done = conformance("run", "--dui", str(example), "--profile", "socle-va3")
    assert done.returncode == 2
    assert "socle-va2" in done.stderr


def test_a_bench_that_cannot_start_is_a_setup_error(conformance, example) -> None:
    done = conformance("run", "--dui", str(example), "--profile", "socle-va2", DUI_CONTROL_TOKEN="")
    assert (done.returncode, "driver.no-token" in done.stderr) == (3, True)


def test_a_run_is_not_taken_up_under_another_sheet(conformance, example, tmp_path) -> None:
    done = conformance("run", "--dui", str(example), "--profile", "ms1-dui-va1", "--out", "results")
    assert done.returncode in (1, 5), done.stdout + done.stderr
    edited = tmp_path / "edited.toml"
    edited.write_text(example.read_text(encoding="utf-8").replace('"1.0"', '"99"'), encoding="utf-8")
    again = conformance("run", "--dui", str(edited), "--profile", "ms1-dui-va1", "--out", "results", "--resume")
    assert (again.returncode, again.stderr.count("run.other-product")) == (2, 1)


def test_what_no_profile_knows_is_refused_by_name(conformance, example, tmp_path) -> None:
    text = example.read_text(encoding="utf-8")
    for written, name in (
        ('\n[[lane]]\nname = "a"\nscenarios = ["mss.send-plane"]\n', "mss.send-plane"),
        ('\n[parameters.tls]\nversions = ["TLSv1"]\n', "tls.versions"),
        ('\n[offers]\n"MSS/CONF.16" = false\n', "MSS/CONF.16"),
    ):
        sheet = tmp_path / "wrong.toml"
        sheet.write_text(text + written, encoding="utf-8")
        done = conformance("run", "--dui", str(sheet), "--profile", "socle-va2", "--out", "wrong")
        assert (done.returncode, name in done.stderr) == (2, True), done.stderr


def test_collecting_starts_nothing_and_writes_nothing(plain_pytest, example, tmp_path) -> None:
    done = plain_pytest("--dui", str(example), "--profile", "socle-va2", "--collect-only", "-q")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "conformance-results").exists()


def test_a_folder_that_cannot_be_written_is_the_machines_fault(conformance, example, tmp_path) -> None:
    (tmp_path / "afile").touch()
    done = conformance("run", "--dui", str(example), "--profile", "socle-va2", "--out", "afile/sub")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
