"""Loading requirement profiles from YAML; a profile that says something unclear does not load.

Shape of ``profiles/<name>.yaml`` (Schema: ``conformance/schemas/profile.json``)::

    schema: 1
    name: ms1-dui-va1
    title: {fr: …, en: …}
    referential: REM-MS1-DUI
    version: Va1
    notice: {fr: …, en: …}
    sources: [ … ]
    parameters: { tls: { … } }
    hypotheses: [patient_address.matricule_length]   # parameters that no source settles
    conditions:
      pa_ph: {label: "Spécifique - PA/PH", question: {fr: …, en: …}}
    requirements:
      - id: SC.MSS.17.MS1
        level: DOIT
        class: W
        chapter: MSS
        section: … ; bloc: … ; fonction: …
        condition: pa_ph            # absent: always applies
        assumed: true               # absent: false
        statement: {fr: …, en: …}
        source: …
        aspects:
          - id: archive
            statement: {fr: …, en: …}
            verification: automatic
            checks: [mail.xdm-attached]
            scenarios: [mss.send-professional]
        proofs:
          - {id: …, due_to: ANS, statement: {fr: …, en: …}}
    out_of_scope:
      - {id: …, reason: {fr: …, en: …}}
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from conformance.core.errors import UsageError
from conformance.core.requirement import Aspect, Condition, OutOfScope, Profile, Proof, Requirement
from conformance.core.texts import Text
from conformance.core.words import Basis, Keyword, Verification, WireClass

MAX_BYTES = 8 * 1024 * 1024

# The chapters of a Convergence dossier, in the order of its export (dui-rem.md §2.3).
CHAPTERS = ("INS", "DMP", "MSS", "PSC", "ANN", "TBB", "HOP", "DOC", "PORT", "EPR", "SSI")


def load_profile(path: Path) -> Profile:
    """Read one profile; every defect is a :class:`UsageError` that names the place."""
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise UsageError("profile.unreadable", path=str(path), reason=exc.strerror or str(exc)) from exc
    return parse_profile(content, str(path))


def parse_profile(content: bytes, origin: str) -> Profile:
    """As :func:`load_profile`, from its bytes; ``origin`` is how errors call it."""
    if len(content) > MAX_BYTES:
        raise UsageError("profile.too-large", path=origin, limit=MAX_BYTES)
    try:
        raw = _parse(content)
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        # A date or a number that is none, or a nesting without end, is told by no error of YAML's own.
        raise UsageError("profile.not-yaml", path=origin, reason=str(exc)) from exc
    if not isinstance(raw, Mapping) or raw.get("schema") != 1:
        raise UsageError("profile.wrong-schema", path=origin)
    return profile_of(raw, digest=hashlib.sha256(content).hexdigest(), origin=origin)


def profile_of(raw: Mapping[str, Any], *, digest: str, origin: str) -> Profile:
    """Build a profile from its parsed form."""
    here = origin
    try:
        requirements = []
        for row in raw["requirements"]:
            here = f"{origin}: {row.get('id')}"
            requirements.append(_requirement(row, raw["referential"], str(raw["version"])))
        here = origin
        made = Profile(
            name=raw["name"],
            title=Text.of(raw["title"]),
            referential=raw["referential"],
            version=str(raw["version"]),
            notice=Text.of(raw["notice"]),
            sources=tuple(raw["sources"]),
            parameters=raw.get("parameters", {}),
            hypotheses=tuple(raw.get("hypotheses", ())),
            conditions={
                name: Condition(name, Text.of(entry["question"]), entry["label"])
                for name, entry in raw.get("conditions", {}).items()
            },
            requirements=tuple(requirements),
            out_of_scope=tuple(OutOfScope(row["id"], Text.of(row["reason"])) for row in raw.get("out_of_scope", ())),
            digest=digest,
            scenarios=frozenset(s for r in requirements for a in r.aspects for s in a.scenarios),
        )
        found = problems(made)
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise UsageError("profile.unclear", path=here, reason=f"{type(exc).__name__}: {exc}") from exc
    _refuse(found, origin)
    return made


def problems(profile: Profile) -> list[str]:
    """What a profile says that cannot be judged; empty when it is sound."""
    found = []
    ids = [r.id for r in profile.requirements]
    found += [f"{id}: written twice" for id in {i for i in ids if ids.count(i) > 1}]
    for requirement in profile.requirements:
        if not requirement.aspects:
            found.append(f"{requirement.id}: uncovered, it has no aspect")
        if requirement.condition and requirement.condition not in profile.conditions:
            found.append(f"{requirement.id}: unknown condition {requirement.condition!r}")
        found += [f"{requirement.id}#{aspect.id}: {why}" for aspect in requirement.aspects for why in _unclear(aspect)]
        if requirement.wire_class in (WireClass.WIRE, WireClass.DOCUMENT):
            found += [
                f"{requirement.id}#{a.id}: what the wire or a document can show is never attested"
                for a in requirement.aspects
                if a.verification is Verification.ATTESTED
            ]
    return found


def coverage(profile: Profile) -> dict[str, int | dict[str, int]]:
    """How the requirements are verified, in numbers (``schemas/coverage.json``)."""
    ways = [r.verification if r.aspects else None for r in profile.requirements]
    return {
        "requirements": len(profile.requirements),
        **{str(way): ways.count(way) for way in Verification},
        "uncovered": ways.count(None),
        "classes": {str(c): sum(r.wire_class is c for r in profile.requirements) for c in WireClass},
    }


def _requirement(row: Mapping[str, Any], referential: str, version: str) -> Requirement:
    return Requirement(
        referential=referential,
        version=version,
        id=row["id"],
        level=Keyword(row["level"]),
        statement=Text.of(row["statement"]),
        source=row["source"],
        chapter=row["chapter"],
        wire_class=WireClass(row["class"]),
        aspects=tuple(_aspect(a) for a in row["aspects"]),
        section=row.get("section", ""),
        bloc=row.get("bloc", ""),
        fonction=row.get("fonction", ""),
        condition=row.get("condition"),
        aliases=tuple(row.get("aliases", ())),
        proofs=tuple(Proof(p["id"], Text.of(p["statement"]), p.get("due_to", "ANS")) for p in row.get("proofs", ())),
        assumed=bool(row.get("assumed", False)),
        basis=Basis(row.get("basis", "referential")),
        criticality=row.get("criticality", "Non définie"),
    )


def _aspect(row: Mapping[str, Any]) -> Aspect:
    return Aspect(
        id=row["id"],
        statement=Text.of(row["statement"]),
        verification=Verification(row["verification"]),
        checks=tuple(row.get("checks", ())),
        scenarios=tuple(row.get("scenarios", ())),
        reason=Text.of(row["reason"]) if "reason" in row else None,
    )


def _unclear(aspect: Aspect) -> Iterable[str]:
    if aspect.verification is Verification.AUTOMATIC and not (aspect.checks and aspect.scenarios):
        yield "automatic needs checks and scenarios"
    if aspect.verification is Verification.GUIDED and not aspect.scenarios:
        yield "guided needs a scenario"
    if aspect.verification is Verification.UNTESTABLE and aspect.reason is None:
        yield "untestable needs its reason"


def _refuse(found: list[str], origin: str) -> None:
    if found:
        raise UsageError("profile.unsound", path=origin, reason="; ".join(found[:5]), count=len(found))


def _parse(content: bytes) -> Any:
    """Safe YAML; aliases are refused, since a few of them expand without bound."""
    # libyaml is ten times faster where the wheel carries it.
    loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content, Loader=loader)):
        raise yaml.YAMLError("aliases are not accepted in a profile")
    return yaml.load(content, Loader=loader)  # noqa: S506 - a SafeLoader
