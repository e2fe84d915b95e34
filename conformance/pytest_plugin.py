"""The pytest side of the harness: options, the ``scenario`` marker, the ``stage`` fixture, selection by profile.

Inert without ``--dui`` and without scenarios, so that it may stay installed beside any test suite.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from conformance.core.errors import ConformanceError
from conformance.core.texts import say

if TYPE_CHECKING:
    from conformance.bench.session import RunPlan, RunSession
    from conformance.bench.stage import Stage
    from conformance.core.product import Lane
    from conformance.documents_api import CheckedDocument

PLAN: pytest.StashKey[RunPlan] = pytest.StashKey()
SESSION: pytest.StashKey[RunSession] = pytest.StashKey()
LANE: pytest.StashKey[Lane] = pytest.StashKey()
OWNED: pytest.StashKey[Any] = pytest.StashKey()
MARKER = "scenario"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run, in their own group."""
    group = parser.getgroup("conformance", "conformance of a DUI")
    group.addoption("--dui", metavar="FILE", help="product sheet (dui.toml)")
    group.addoption("--profile", metavar="NAME", action="append", default=[], help="requirement profile")
    group.addoption("--conformance-out", metavar="DIR", help="folder of evidence and outputs")
    group.addoption("--services", metavar="FILE", help="attach to running services (services.json)")
    group.addoption(
        "--mail-backend", choices=("embedded", "dovecot"), default="embedded", help="what keeps the MSSanté boxes"
    )
    group.addoption("--automatic-only", action="store_true", help="leave out what needs a person")
    group.addoption("--scenario", metavar="NAME", action="append", default=[], help="play this scenario, not all")
    group.addoption("--no-probe", action="store_true", help="do not look at the product's front door")
    group.addoption("--resume", action="store_true", help="keep what DIR already observed, play the rest")
    group.addoption("--seed", type=int, metavar="N", help="seed of the population")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; with ``--dui``, prepare the run (controller) or join it (worker)."""
    config.addinivalue_line("markers", f"{MARKER}(id): a conformance scenario, by its id in the profiles")
    if not config.getoption("dui"):
        return
    from conformance.bench import lifecycle

    try:
        worker = getattr(config, "workerinput", None)
        plan = lifecycle.join(worker) if worker is not None else lifecycle.begin(config, OWNED)
        config.stash[SESSION] = lifecycle.open_session(plan, worker, plays=not config.option.collectonly)
        config.stash[PLAN] = plan
    except ConformanceError as exc:
        lifecycle.end(config, OWNED)
        commands = [p for p in config.pluginmanager.get_plugins() if hasattr(p, "conformance_refused")]
        for command in commands:
            # A command that plays the scenarios tells the card itself, and answers with the error's own exit code.
            command.conformance_refused = exc
        raise pytest.UsageError(*([] if commands else [exc.card()])) from exc


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker which run it joins."""
    if plan := node.config.stash.get(PLAN, None):
        node.workerinput["conformance"] = plan.as_dict()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """One lane is serial: whatever distribution the user asked of xdist, a lane stays on one worker."""
    session = config.stash.get(SESSION, None)
    if session is None:
        return None
    from conformance.bench.scheduling import LaneScheduling

    return LaneScheduling(config, log, session.product.lanes)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this process started."""
    if config.stash.get(PLAN, None) is not None:
        from conformance.bench import lifecycle

        config.stash[SESSION].close()
        lifecycle.end(config, OWNED)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat a scenario over the lanes that name it; lanes that name none share the scenarios out."""
    mark = metafunc.definition.get_closest_marker(MARKER)
    session = metafunc.config.stash.get(SESSION, None)
    if mark is None or session is None or "_lane" not in metafunc.fixturenames:
        return
    lanes = [lane for lane in session.product.lanes if mark.args[0] in lane.scenarios]
    if any(lane.scenarios for lane in session.product.lanes):
        metafunc.parametrize("_lane", lanes, ids=[lane.name for lane in lanes])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the scenarios of the profiles, give each its lane and its requirement ids."""
    scenarios = [item for item in items if item.get_closest_marker(MARKER)]
    if not scenarios:
        return
    session = config.stash.get(SESSION, None)
    if session is None:
        raise pytest.UsageError(say("plugin.needs-dui"))
    from conformance.bench import selection

    kept, dropped = selection.select(session, scenarios)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        gone = set(dropped)
        items[:] = [item for item in items if item not in gone]
    selection.assign(session, kept, LANE)


@pytest.fixture
def _lane(request: pytest.FixtureRequest) -> Lane:
    lane: Lane = getattr(request, "param", None) or request.node.stash[LANE]
    return lane


@pytest.fixture
def stage(request: pytest.FixtureRequest, _lane: Lane) -> Iterator[Stage]:
    """The stage of this scenario: product, services and people of its lane, window open."""
    mark = request.node.get_closest_marker(MARKER)
    if mark is None:
        raise pytest.UsageError(say("plugin.needs-marker", test=request.node.name))
    from conformance.bench import play

    session = request.config.stash[SESSION]
    made = play.open_stage(session, mark.args[0], _lane)
    yield made
    if made.window.is_open:
        made.window.abort()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Play the scenario, close its window, judge it: a non-conformity fails the test with its error cards."""
    made: Any = pyfuncitem.funcargs.get("stage")
    session = pyfuncitem.config.stash.get(SESSION, None)
    if made is None or session is None:
        return (yield)
    from conformance.bench import labels, play

    labels.label(session.profiles, made.scenario)
    with play.played(made):
        result = yield
    play.judge(session, made)
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Judge the whole run and say where its outputs are."""
    worker = getattr(config, "workerinput", None) is not None
    if config.stash.get(PLAN, None) is None or worker or config.option.collectonly:
        return
    from conformance.bench import lifecycle

    try:
        lifecycle.conclude(config.stash[PLAN], terminalreporter.write_line)
    except ConformanceError as exc:
        terminalreporter.write_line(exc.card(), red=True)


@pytest.fixture
def check_document() -> Callable[[bytes | str | os.PathLike[str]], CheckedDocument]:
    """``conformance.check_document``: judge a document, given as bytes or as a path, and answer its findings."""
    from conformance import documents_api

    return documents_api.check_document


@pytest.fixture
def assert_conforming() -> Callable[[bytes | str | os.PathLike[str]], CheckedDocument]:
    """``conformance.assert_conforming``: judge a document and fail with its error cards if it does not conform."""
    from conformance import documents_api

    return documents_api.assert_conforming
