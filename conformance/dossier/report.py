"""``report.html``: the dossier as a person reads it, in one accessible file that asks nothing of the network."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance import __version__
from conformance.core.texts import Language, say
from conformance.dossier.judged import Judged
from conformance.dossier.plain import clean
from conformance.dossier.report_view import Page

TEMPLATES = "templates"
_FRENCH_SPACES = re.compile(r" (?=[?!:;»%])|(?<=«) ")


def render_report(judged: Judged, root: str | None, lang: Language | None = None) -> str:
    """The report in one language (by default that of the judgement).

    ``root`` is the root hash that the title page prints; ``None`` says that the run is not sealed.
    """
    chosen = lang or judged.lang
    style, script = _asset("report.css"), _asset("report.js")
    html = (
        _environment()
        .get_template("report.html.j2")
        .render(
            page=Page(judged, chosen),
            root=root,
            harness=__version__,
            lang=chosen,
            t=lambda key, **values: _typeset(say(key, chosen, **values), chosen),
            x=lambda text: _typeset(text.in_(chosen), chosen),
            style=Markup(style),  # noqa: S704 - our own file, hashed in the policy of the page
            script=Markup(script),  # noqa: S704 - as above
            policy=_policy(style, script),
        )
    )
    return html + "\n"


def _typeset(text: str, lang: Language) -> str:
    """French puts an unbreakable space inside guillemets and before two-part punctuation."""
    return _FRENCH_SPACES.sub("\u00a0", text) if lang == "fr" else text


def _policy(style: str, script: str) -> str:
    """Nothing is loaded, and only the two inline blocks of this very page run (CSP level 3, hash sources)."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_source_hash(style)}'",
            f"script-src '{_source_hash(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _source_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return (resources.files("conformance.dossier") / TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("conformance.dossier", TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # What a product sent passes through here: control and reordering characters are spelt out.
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
