"""``conformance init``: an example product sheet, every condition of the profiles in it."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.bench.profiles import shipped_profiles
from conformance.core.errors import UsageError
from conformance.core.profile import load_profile
from conformance.core.texts import say

HEAD = """\
[product]
name = "…"
version = "…"
editor = "…"
reference = "…"          # {reference}

# {conditions}
[conditions]
"""
TAIL = """
# {offers}
[offers]

[driver]
kind = "http"            # "http" | "guided"
url = "http://127.0.0.1:8080/conformance/v1"
token_env = "DUI_CONTROL_TOKEN"

# [front]                # {front}
# url = "https://dui.example/"
# ca = "authority.pem"

[limits]                 # {limits}
idle = 30
quiet = 3
# answer = 30            # {answer}
"""


@click.command(help=say("cli.init"))
@click.argument("file", type=click.Path(path_type=Path), default=Path("dui.toml"))
def init(file: Path) -> int:
    """Write an example ``dui.toml``; an existing file is never overwritten."""
    lines = []
    seen: set[str] = set()
    for path in shipped_profiles().values():
        for name, condition in load_profile(path).conditions.items():
            if name not in seen:
                seen.add(name)
                lines.append(f"{name} = true".ljust(34) + f"# {condition.question}")
    text = HEAD.format(reference=say("init.reference"), conditions=say("init.conditions"))
    text += "\n".join(lines) + TAIL.format(
        offers=say("init.offers"), limits=say("init.limits"), answer=say("init.answer"), front=say("init.front")
    )
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError as exc:
        raise UsageError("init.exists", path=str(file)) from exc
    except OSError as exc:
        raise UsageError("init.unwritable", path=str(file), reason=exc.strerror or str(exc)) from exc
    click.echo(say("init.written", path=str(file)))
    return 0
