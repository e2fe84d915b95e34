"""Two judgements of the same evidence, compared aspect by aspect: verdicts, reasons, codes of findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.core.texts import Language, say

Key = tuple[str, str, str, str]  # profile, referential, version, id
Side = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed for one aspect, or for a whole requirement (``aspect`` is then ``None``).

    Each side is ``{"verdict", "reason_code", "findings"}`` with the sorted codes of its findings, or ``None``
    when the requirement or the aspect is absent there.
    """

    key: Key
    aspect: str | None
    sealed: Side | None
    now: Side | None

    def as_json(self) -> dict[str, Any]:
        """The stable shape."""
        profile, referential, version, id = self.key
        where = {"profile": profile, "referential": referential, "version": version, "id": id, "aspect": self.aspect}
        return {**where, "sealed": self.sealed, "now": self.now}

    def told(self, lang: Language | None = None) -> str:
        """One line: what it was, what it is, which findings came and went."""
        profile, _, _, id = self.key
        name = f"{profile} {id}" + (f"#{self.aspect}" if self.aspect else "")
        words = [_word(side, lang) for side in (self.sealed, self.now)]
        told = [say("rejudge.change", lang, sealed=words[0], now=words[1])] if words[0] != words[1] else []
        before, after = (Counter(side["findings"] if side else ()) for side in (self.sealed, self.now))
        for key, codes in (("rejudge.more", after - before), ("rejudge.less", before - after)):
            if codes:
                told.append(say(key, lang, codes=", ".join(sorted(codes.elements()))))
        reasons = [side["reason_code"] if side else None for side in (self.sealed, self.now)]
        if reasons[0] != reasons[1]:
            told.append(say("rejudge.reason", lang, sealed=reasons[0] or "—", now=reasons[1] or "—"))
        return f"  {name}: {'; '.join(told)}"


def differences(sealed: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    """What differs between two contents of ``verdicts.json``, in the order of the sealed one."""
    before, after = _by_key(sealed), _by_key(now)
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            yield Difference(key, None, _whole(old), _whole(new))
            continue
        old_aspects, new_aspects = _aspects(old), _aspects(new)
        changed = [
            Difference(key, aspect, old_aspects.get(aspect), new_aspects.get(aspect))
            for aspect in dict.fromkeys([*old_aspects, *new_aspects])
            if old_aspects.get(aspect) != new_aspects.get(aspect)
        ]
        yield from changed
        if not changed and _whole(old) != _whole(new):
            yield Difference(key, None, _whole(old), _whole(new))


def _by_key(document: Mapping[str, Any]) -> dict[Key, Mapping[str, Any]]:
    return {(v["profile"], v["referential"], v["version"], v["id"]): v for v in document["verdicts"]}


def _whole(verdict: Mapping[str, Any] | None) -> Side | None:
    if verdict is None:
        return None
    codes = sorted(finding["code"] for finding in verdict["findings"])
    return {"verdict": verdict["verdict"], "reason_code": None, "findings": codes}


def _aspects(verdict: Mapping[str, Any]) -> dict[str, Side]:
    return {
        aspect["id"]: {
            "verdict": aspect["verdict"],
            "reason_code": aspect["reason_code"],
            "findings": sorted(f["code"] for f in verdict["findings"] if f["check"] in aspect["checks"]),
        }
        for aspect in verdict["aspects"]
    }


def _word(side: Side | None, lang: Language | None) -> str:
    return say(f"verdict.{side['verdict']}", lang) if side else say("rejudge.absent", lang)
