"""The title page in plain text, ``TITLE.txt`` and ``LISEZMOI.txt``: readable in any century."""

from __future__ import annotations

from conformance.core.requirement import Profile
from conformance.core.texts import Language, say
from conformance.dossier.judged import Judged
from conformance.dossier.plain import one_line

RULE = "=" * 72


def title_page(judged: Judged, root: str, lang: Language) -> bytes:
    """The page: what was judged, the counts, the root hash, how to check it, and what it is not."""
    product = judged.product
    lines = [
        say("title.heading", lang),
        RULE,
        "",
        *(
            f"{say(f'title.{name}', lang)} {one_line(str(product.get(name, '')))}"
            for name in ("name", "version", "editor")
        ),
        f"{say('title.started', lang)} {judged.started}",
        "",
        say("title.profiles", lang),
        *(
            f"  - {one_line(p.profile.title.in_(lang))} ({p.profile.referential} {p.profile.version})"
            f"{_guide(p.profile, lang)}\n"
            f"    {one_line(p.profile.notice.in_(lang))}"
            for p in judged.profiles
        ),
        "",
        say("title.counts", lang),
        *(f"  {count:>5}  {say(f'verdict.{verdict}', lang)}" for verdict, count in judged.counts.items() if count),
        "",
        say("title.root", lang),
        f"  {root}",
        "",
        say("title.verify", lang),
        f"  conformance dossier verify dossier.zip --expect {root}",
        "  conformance dossier rejudge dossier.zip",
        "",
        say("dossier.not.decision", lang),
        say("dossier.not.replaces", lang),
        "",
    ]
    return "\n".join(lines).encode()


def _guide(profile: Profile, lang: Language) -> str:
    return f" - {say('report.of-guide', lang)}" if profile.of_guide else ""
