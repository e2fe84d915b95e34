"""``docs/evidence.md`` names every kind of record that services write and that checks read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import conformance

PACKAGE = Path(conformance.__file__).parent
PAGE = (PACKAGE.parent / "docs" / "evidence.md").read_text(encoding="utf-8")
KIND = re.compile(r"[a-z]+(\.[a-z0-9-]+)+")


def calls(folder: str, *names: str) -> Iterator[ast.Call]:
    for path in sorted((PACKAGE / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
                yield node


def constants(nodes: list[ast.expr]) -> set[str]:
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def documented() -> set[str]:
    return set(re.findall(r"`([a-z]+(?:\.[a-z0-9-]+)+)`", PAGE))


def test_what_services_and_bench_write_is_documented() -> None:
    # ``Journal.append(service, lane, kind)``, ``Window.write(kind)``.
    written = {one for call in calls("services", "append") for one in constants(call.args[2:3])}
    written |= {one for call in calls("bench", "write") for one in constants(call.args[:1])}
    assert {one for one in written if KIND.fullmatch(one)} - documented() == set()
    assert {"annuaire.extraction", "dmp.visit", "browser.visit", "window.close"} <= written


def test_what_checks_read_is_documented() -> None:
    read = {one for call in calls("checks", "of_kind") for one in constants(call.args)}
    assert len(read) > 10
    assert read - documented() == set()
