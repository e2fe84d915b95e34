"""``requirements.junit.xml``: one test case per requirement, for the dashboards that editors already have.

One suite per chapter of a profile. Only what every published variant of the format accepts is written: facts of
a case stand in ``system-out`` and in the properties of its suite, since the schema used by the Jenkins xUnit
plug-in (``junit-10.xsd``) has no ``properties`` under ``testcase``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from conformance.core.texts import say
from conformance.core.verdict import RequirementVerdict
from conformance.core.words import Verdict
from conformance.dossier.card import cards, reasons
from conformance.dossier.judged import Judged, JudgedProfile
from conformance.dossier.plain import clean, one_line

# How a verdict reads in JUnit; ``None`` is a bare test case, which every reader takes for a success.
OUTCOMES: Mapping[Verdict, str | None] = {
    Verdict.PASS: None,
    Verdict.ATTESTED: None,
    Verdict.FAIL: "failure",
    Verdict.HARNESS_ERROR: "error",
    Verdict.SETUP: "error",
    Verdict.DEVIATION: "skipped",
    Verdict.NOT_IMPLEMENTED: "skipped",
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.NEEDS_REVIEW: "skipped",
    Verdict.BLOCKED: "skipped",
    Verdict.NOT_RUN: "skipped",
}
SHORT_STATEMENT = 100


def requirements_junit(judged: Judged) -> bytes:
    """The document, UTF-8 with its declaration."""
    root = etree.Element("testsuites", name="dui-conformance")
    totals = [0, 0, 0]
    for profile in judged.profiles:
        for chapter, verdicts in by_chapter(profile).items():
            suite = _suite(judged, profile, chapter, verdicts)
            root.append(suite)
            totals = [a + int(suite.get(n, "0")) for a, n in zip(totals, ("tests", "failures", "errors"), strict=True)]
    for name, total in zip(("tests", "failures", "errors"), totals, strict=True):
        root.set(name, str(total))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def by_chapter(profile: JudgedProfile) -> dict[str, list[RequirementVerdict]]:
    """The verdicts of a profile by chapter, chapters in the order the profile meets them."""
    chapters: dict[str, list[RequirementVerdict]] = {}
    for verdict in profile.verdicts:
        chapters.setdefault(verdict.requirement.chapter, []).append(verdict)
    return chapters


def _suite(
    judged: Judged, profile: JudgedProfile, chapter: str, verdicts: Sequence[RequirementVerdict]
) -> etree._Element:
    outcomes = [OUTCOMES[v.verdict] for v in verdicts]
    suite = etree.Element(
        "testsuite",
        name=f"{profile.profile.name}.{chapter}",
        tests=str(len(verdicts)),
        failures=str(outcomes.count("failure")),
        errors=str(outcomes.count("error")),
        skipped=str(outcomes.count("skipped")),
        time="0",
    )
    if judged.started:
        # The format has no time zone; the journal's clock is UTC.
        suite.set("timestamp", judged.started[:19])
    properties = etree.SubElement(suite, "properties")
    facts = {"referential": profile.profile.referential, "version": profile.profile.version}
    facts |= {v.requirement.id: str(v.verdict) for v in verdicts}
    for name, value in facts.items():
        etree.SubElement(properties, "property", name=_xml(name), value=_xml(value))
    for verdict in verdicts:
        suite.append(_case(judged, profile, verdict))
    return suite


def _case(judged: Judged, profile: JudgedProfile, verdict: RequirementVerdict) -> etree._Element:
    requirement, lang = verdict.requirement, judged.lang
    case = etree.Element(
        "testcase",
        classname=_xml(f"{profile.profile.name}.{requirement.chapter}"),
        name=_xml(one_line(f"{requirement.id} {requirement.statement.in_(lang)}", SHORT_STATEMENT)),
        time="0",
    )
    word = say(f"verdict.{verdict.verdict}", lang)
    if outcome := OUTCOMES[verdict.verdict]:
        why = reasons(verdict, lang)
        told = etree.SubElement(case, outcome, type=str(verdict.verdict), message=_xml("; ".join([word, *why])))
        told.text = _xml(cards(verdict.findings, lang) or "\n".join(why))
    facts = {
        "verdict": verdict.verdict,
        "fault": verdict.fault,
        "level": requirement.level,
        "verification": requirement.verification,
        "basis": verdict.basis,
        "assumed": str(requirement.assumed).lower(),
        "proofs_due": " ".join(verdict.proofs_due),
        "evidence": " ".join(dict.fromkeys(e for a in verdict.aspects for e in a.evidence)),
    }
    etree.SubElement(case, "system-out").text = _xml("\n".join(f"{name}: {value}" for name, value in facts.items()))
    return case


def _xml(text: str) -> str:
    return clean(text)
