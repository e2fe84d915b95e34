"""What the wheel carries, and that it works in an empty environment and folder."""

import os
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import conformance

ROOT = Path(conformance.__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return next(target.glob("*.whl"))


def test_everything_lies_inside_the_package(wheel) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"conformance"}
    for part in ("profiles/ms1-dui-va1.yaml", "fixtures/people.py", "scenarios/mssante/test_sending.py"):
        assert f"conformance/_bundled/{part}" in names
    assert any(name.startswith("conformance/_bundled/reference_dui/defects/") for name in names)
    assert "conformance/py.typed" in names
    assert not [name for name in names if name.endswith((".pem", ".key", ".p12", ".pyc"))]


def test_the_demonstration_works_from_the_wheel_in_an_empty_folder(wheel, tmp_path) -> None:
    # The libraries of this environment are lent to the new one: what is tested is the wheel, not the downloads.
    environment = tmp_path / "env"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    site = Path(
        subprocess.run(
            [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    lent = Path(pytest.__file__).resolve().parents[1]
    (site / "lent.pth").write_text(f"{lent}\n", encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    where = subprocess.run(
        [str(python), "-c", "import conformance; print(conformance.__file__)"],
        cwd=empty,
        check=True,
        capture_output=True,
        text=True,
    )
    assert str(site) in where.stdout
    done = subprocess.run(
        [str(python), "-m", "conformance", "demo", "--out", "out", "--profile", "ms1-dui-va1"],
        cwd=empty,
        env={**os.environ, "CONFORMANCE_LANG": "en"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (empty / "out" / "dossier.zip").is_file()


def test_the_lock_pins_every_dependency_by_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in project["dependencies"]:
        name = requirement.split(">")[0].split("[")[0].lower().replace("_", "-")
        assert f"\n{name}==" in lock, name
    assert "://" not in lock
    assert lock.count("--hash=sha256:") > lock.count("==")


def test_the_changelog_names_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {conformance.__version__}" in changelog
    assert "### Verdict changes" in changelog
