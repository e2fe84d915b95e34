"""The layers of docs/architecture.md, read from the imports themselves."""

import ast
import re
from pathlib import Path

import pytest

import conformance

PACKAGE = Path(conformance.__file__).parent
ROOT = PACKAGE.parent

# Who may not import whom; prefixes of module names.
FORBIDDEN = {
    "conformance/core": ("services", "checks", "drivers", "dossier", "bench", "cli", "judge"),
    "conformance/evidence": ("services", "checks", "drivers", "dossier", "bench", "cli", "judge"),
    "conformance/checks": ("services", "drivers", "dossier", "bench", "cli", "judge"),
    "conformance/ldap": ("services", "checks", "drivers", "dossier", "bench", "cli", "judge", "evidence", "core"),
    "conformance/soap": ("services", "checks", "drivers", "dossier", "bench", "cli", "judge", "evidence", "dmp"),
    "conformance/dmp": ("services", "checks", "drivers", "dossier", "bench", "cli", "judge", "evidence"),
    "conformance/services": ("checks", "drivers", "dossier", "bench", "cli", "judge"),
    "conformance/drivers": ("services", "checks", "dossier", "bench", "cli", "judge"),
    "conformance/portability": ("services", "checks", "drivers", "dossier", "bench", "cli", "judge", "evidence"),
    "conformance/dossier": ("services", "drivers", "bench"),
    "conformance/probes": ("services", "checks", "drivers", "dossier", "bench", "cli", "judge", "evidence"),
    "reference_dui": ("services", "checks", "dossier", "bench", "cli", "judge", "evidence"),
}
# What would make a check impure: sockets, clocks, randomness, processes.
IMPURE = {"socket", "ssl", "time", "random", "secrets", "subprocess", "requests", "urllib.request", "http.client"}


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def modules(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_a_layer_imports_only_what_lies_below_it(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(folder)
        for name in sorted(imports(path))
        for layer in FORBIDDEN[folder]
        if name == f"conformance.{layer}" or name.startswith(f"conformance.{layer}.")
    ]
    assert modules(folder), f"no module under {folder}"
    assert wrong == []


def test_checks_are_pure() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules("conformance/checks")
        for name in sorted(imports(path) & IMPURE)
    ]
    assert wrong == []


def test_core_knows_no_national_service() -> None:
    # core/check.py shows in its docstring what a check of a referential looks like; its code names none.
    named = re.compile(r"\b(mssante|dmp|insi|psc|xds|viatrajectoire)\b", re.IGNORECASE)
    wrong = [
        f"{path.relative_to(ROOT)}: {node.id}"
        for path in modules("conformance/core")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and named.search(node.id.replace("_", " "))
    ]
    assert wrong == []
