"""Two Bundles compared: the whole answer, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.portability.differences import Difference, Walk, count
from conformance.portability.pairing import pair
from conformance.portability.units import Target, Unit, spelled, units_of

KINDS = ("lost", "changed", "added", "equivalent")
# A report that nobody can read helps nobody; the counts stay whole.
MOST_SHOWN = 2_000
_CLIP = 300


@dataclass(frozen=True)
class ResourceReport:
    """What became of one resource: ``type`` and ``profile`` say what it is, ``name`` which one."""

    type: str
    profile: str
    name: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Comparison:
    """``values`` held by the first Bundle, ``kept`` of them found in the second; differences by resource."""

    resources: tuple[int, int]
    values: tuple[int, int]
    kept: int
    reports: tuple[ResourceReport, ...]

    @property
    def lossless(self) -> bool:
        """Nothing was lost or changed; what was added, or is equivalent, is no loss."""
        return not (self.number("lost") or self.number("changed"))

    @property
    def share(self) -> float:
        """The share of the values that were kept, 0 to 1."""
        return self.kept / self.values[0] if self.values[0] else 1.0

    def number(self, kind: str) -> int:
        """How many differences of a kind."""
        return sum(d.kind == kind for report in self.reports for d in report.differences)

    def as_json(self) -> dict[str, Any]:
        """The stable shape (``schemas/portability.json``)."""
        return {
            "schema": 1,
            "lossless": self.lossless,
            "resources": {"before": self.resources[0], "after": self.resources[1]},
            "values": {"before": self.values[0], "after": self.values[1], "kept": self.kept},
            **{kind: self.number(kind) for kind in KINDS},
            "differences": [
                {
                    "resource": {"type": report.type, "profile": report.profile, "name": report.name},
                    "kind": d.kind,
                    "path": d.path,
                    "before": shown(d.before),
                    "after": shown(d.after),
                    "why": d.why,
                    "values": d.values,
                }
                for report in self.reports
                for d in report.differences
            ],
        }


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Compare two Bundles, whatever the order of their entries, their ids and what their servers added."""
    olds, news = units_of(before), units_of(after)
    pairs = pair(olds, news)
    kept = 0
    reports = []
    for unit in olds:
        if unit.position in pairs.same:
            kept += count(unit.content)
            continue
        if unit.position in pairs.of:
            walk = Walk(pairs.of)
            walk.compare(unit.content, news[pairs.of[unit.position]].content, (unit.type,))
            kept += walk.kept
            found = walk.differences
        else:
            found = [Difference("lost", unit.type, unit.content, None, "resource", count(unit.content))]
        if found:
            reports.append(ResourceReport(unit.type, unit.profile, name_of(unit), tuple(found)))
    for unit in pairs.added:
        new = Difference("added", unit.type, None, unit.content, "new-resource", count(unit.content))
        reports.append(ResourceReport(unit.type, unit.profile, name_of(unit), (new,)))
    totals = (sum(count(u.content) for u in olds), sum(count(u.content) for u in news))
    return Comparison((len(olds), len(news)), totals, kept, tuple(reports))


def name_of(unit: Unit) -> str:
    """Which resource it is, in its own words: a title, a name, else its first identifier."""
    content = unit.content
    told = [_said(content, "extension", "url", "tddui-event-label"), _said(content, "input", "type", "titre")]
    if label := next((text for text in told if text), ""):
        return label[:80]
    for path in (("title",), ("name",), ("description", "text"), ("code", "text"), ("period", "start")):
        value: Any = content
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            parts = [value[0].get("family"), *(value[0].get("given") or ())]
            value = " ".join(str(part) for part in parts if part)
        if isinstance(value, str) and value:
            return value[:80]
    return next((one.rpartition("|")[2][:80] for one in sorted(unit.identifiers)), "")


def _said(content: Mapping[str, Any], name: str, by: str, wanted: str) -> str:
    """The text of the item of a list that is of some kind: the label of an event, the title of an action."""
    items = content.get(name)
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping) and wanted in spelled(item.get(by)) and isinstance(item.get("valueString"), str):
            return str(item["valueString"])
    return ""


def shown(value: Any) -> str | None:
    """A value as a report shows it: text as it is, several values in a line, cut to a readable length."""
    if value is None:
        return None
    if isinstance(value, Target):
        return f"→ {value.type}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (Mapping, list)):
        parts = [text for text in (shown(inner) for inner in _plain(value)) if text]
        text = " · ".join(dict.fromkeys(parts)) or "…"
    else:
        text = str(value)
    return text if len(text) <= _CLIP else text[: _CLIP - 1] + "…"


def _plain(value: Any) -> list[Any]:
    """The values that a reader looks for: no systems, no addresses of definitions."""
    if isinstance(value, Mapping):
        skipped = ("system", "url", "resourceType", "meta", "intent", "class", "type", "valueCode", "identifier")
        return [inner for name, item in value.items() if name not in skipped for inner in _plain(item)]
    if isinstance(value, list):
        return [inner for item in value for inner in _plain(item)]
    return [] if isinstance(value, Target) else [value]
