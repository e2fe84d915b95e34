"""The command line speaks one language at a time, the library's own words included."""

import ast
import gettext
import io
import subprocess
import sys
from pathlib import Path

import click
import pytest

from conformance.cli.click_words import PREFIX, compiled
from conformance.core.texts import catalogue

# What no command of ours can make Click say: prompts, editors, shells, prefixes of options, mistakes of a programmer.
UNHEARD = [
    "_termui_impl",
    "_winconsole",
    "shell_completion",
    "termui",
    "utils",
    "parser:Invalid_start",
    "core:Value_must",
    "core:Could_not",
    "core:No_options",
    "core:Arguments_take",
    "core:Name_",
    "core:Boolean_option",
    "core:Deprecation",
    "core:deprecated",
    "decorators:Do_you",
    "decorators:Confirm",
    "types:Choice(",
    "types:{value!r}_does_not_match",
    "types:{len_type}",
    "types:{value!r}_is_not_a_valid_UUID",
    "types:{name}_{filename!r}_is_not_executable",
]


def looked_up():
    """Each sentence that Click looks up, with its module: ``core:Missing_command.``."""
    for path in sorted(Path(click.__file__).parent.glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("_", "ngettext"):
                for given in call.args[: 1 if call.func.id == "_" else 2]:
                    if isinstance(given, ast.Constant):
                        yield f"{path.stem}:{str(given.value).replace(' ', '_')}", given.value


def run(*arguments, **environment):
    command = [sys.executable, "-m", "conformance", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)


def test_every_sentence_that_a_user_can_meet_is_in_the_catalogue() -> None:
    known = {text.en for key, text in catalogue().items() if key.startswith(PREFIX)}
    missing = [name for name, said in looked_up() if said not in known and not name.startswith(tuple(UNHEARD))]
    assert missing == []


def test_the_message_file_is_one_that_gettext_reads() -> None:
    read = gettext.GNUTranslations(io.BytesIO(compiled("fr")))
    assert read.gettext("Usage:") == "Usage :"
    one = "Got unexpected extra argument ({args})"
    several = "Got unexpected extra arguments ({args})"
    assert read.ngettext(one, several, 1) == "Un argument est de trop ({args})"
    assert read.ngettext(one, several, 2) == "Des arguments sont de trop ({args})"
    assert read.gettext("a sentence of nobody") == "a sentence of nobody"


@pytest.mark.parametrize(
    ("arguments", "locale", "said"),
    [
        (("run", "--nope"), "fr_FR.UTF-8", "Erreur : L'option '--nope' n'existe pas."),
        (("--lang", "fr", "run", "--nope"), "C.UTF-8", "Erreur : L'option '--nope' n'existe pas."),
        (("--lang", "en", "run", "--nope"), "fr_FR.UTF-8", "Error: No such option '--nope'."),
        (("run", "--nope"), "C.UTF-8", "Error: No such option '--nope'."),
    ],
)
def test_a_mistake_is_told_in_the_language_of_the_command(arguments, locale, said, tmp_path) -> None:
    here = {"PATH": "", "HOME": str(tmp_path), "LANG": locale, "PYTHONPATH": ":".join(sys.path)}
    done = run(*arguments, **here)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_the_first_help_page_is_wholly_in_the_language_asked_for() -> None:
    told = run("--lang", "fr", "--help", LANG="C.UTF-8", CONFORMANCE_LANG="en", PYTHONPATH=":".join(sys.path)).stdout
    assert "Options :" in told
    assert "Commandes :" in told
    assert [word for word in ("Show", "exit", "Options:", "Language") if word in told] == []


def test_a_defect_that_is_not_shipped_is_told_with_the_nearest_and_not_with_all() -> None:
    done = run("--lang", "en", "demo", "--defect", "never-feeds", PYTHONPATH=":".join(sys.path))
    assert done.returncode == 2
    assert "Nearest: never-feeds-the-dmp." in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert len(done.stderr) < 400


@pytest.mark.parametrize("name", ["qqqqqqqq", ""])
def test_nothing_is_called_near_when_nothing_is(name) -> None:
    done = run("--lang", "en", "profile", "show", name, PYTHONPATH=":".join(sys.path))
    assert done.returncode == 2
    assert "Nearest" not in done.stderr
    assert "Shipped profiles: ms1-dui-va1" in done.stderr
