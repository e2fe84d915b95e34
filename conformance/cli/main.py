"""The ``conformance`` command: one group, its subcommands loaded when they are called."""

from __future__ import annotations

import importlib
import sys
import traceback

import click

from conformance import __version__
from conformance.cli.click_words import speak
from conformance.core.errors import ConformanceError
from conformance.core.texts import LANGUAGES, language, say, use_language
from conformance.core.words import HARNESS_ERROR, SETUP

COMMANDS = {
    "demo": "conformance.cli.demo",
    "run": "conformance.cli.run",
    "check": "conformance.cli.check",
    "profile": "conformance.cli.profile",
    "pack": "conformance.cli.pack",
    "portability": "conformance.cli.portability",
    "probe": "conformance.cli.probe",
    "selftest": "conformance.cli.selftest",
    "doctor": "conformance.cli.doctor",
    "dossier": "conformance.cli.dossier",
    "serve": "conformance.cli.serve",
    "init": "conformance.cli.init",
    "openapi": "conformance.cli.openapi",
}


class Commands(click.Group):
    """Subcommands by name; a command's module is imported only to run it or to show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order a new user meets them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command object that carries its module's last name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name])
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, each in one line of the catalogue, without importing any."""
        del ctx
        with formatter.section(say("cli.commands")):
            formatter.write_dl([(name, say(f"cli.{name}")) for name in COMMANDS])


class _Localised(Commands):
    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # Said here and not where the options are made: by now ``--lang`` has chosen the language.
        said = {"version": say("click.show-version"), "lang": say("cli.opt.lang")}
        for option in self.params:
            if isinstance(option, click.Option) and option.name in said:
                option.help = said[option.name]
        if asks_for_help := self.get_help_option(ctx):
            asks_for_help.help = say("click.show-help")
        super().format_options(ctx, formatter)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(say("cli.about"))


def _choose(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    del ctx, param
    if value in LANGUAGES:
        use_language("fr" if value == "fr" else "en")
        speak(language())


@click.group(cls=_Localised, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="conformance")
@click.option("--lang", type=click.Choice(LANGUAGES), callback=_choose, expose_value=False, is_eager=True)
def cli() -> None:
    """Conformance harness for the French DUI."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command; every known error is a card on standard error and a documented exit code."""
    speak(language())
    try:
        code = cli.main(arguments, prog_name="conformance", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Abort:
        click.echo(say("cli.interrupted"), err=True)
        sys.exit(130)
    except click.ClickException as exc:
        exc.show()
        sys.exit(exc.exit_code)
    except ConformanceError as exc:
        click.echo(exc.card(), err=True)
        sys.exit(exc.exit_code)
    except OSError as exc:
        # A folder that cannot be written, a full disk: the machine is not ready, nothing is said of the product.
        if isinstance(exc, BrokenPipeError):
            # The reader of our output left (``| head``): nothing more to say to it.
            sys.stderr.close()
        else:
            click.echo(say("cli.machine", reason=f"{exc.strerror or exc} ({exc.filename or '-'})"), err=True)
        sys.exit(SETUP)
    except Exception as exc:  # noqa: BLE001 - whatever it is, it is ours, and never a non-conformity
        traceback.print_exc()
        click.echo(say("cli.unexpected", kind=type(exc).__name__), err=True)
        sys.exit(HARNESS_ERROR)
