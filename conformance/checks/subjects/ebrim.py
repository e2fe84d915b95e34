"""A registry submission as plain members: entries, submission sets, associations (ebRIM 3.0; IHE ITI TF-3, 4.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from conformance.checks.subjects.xdm_metadata import LCM, RIM, SUBMISSION_SET
from conformance.checks.subjects.xml import Element, line_of

SUBMIT = f"{{{LCM}}}SubmitObjectsRequest"


@dataclass(frozen=True, slots=True)
class Coded:
    """A code with its coding scheme and its label, each ``None`` when absent."""

    code: str
    scheme: str | None
    label: str | None
    line: int | None
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RegistryObject:
    """An ``ExtrinsicObject`` (a document entry) or a ``RegistryPackage`` (a submission set, a folder)."""

    id: str
    line: int | None
    type: str | None
    mime: str | None
    status: str | None
    name: str | None
    slots: Mapping[str, tuple[str, ...]]
    classified: Mapping[str, tuple[Coded, ...]]
    identified: Mapping[str, tuple[str, ...]]

    def slot(self, name: str) -> str | None:
        """The first value of a slot."""
        return next(iter(self.slots.get(name, ())), None)

    def codes(self, scheme: str) -> tuple[Coded, ...]:
        """The codes of a classification scheme."""
        return self.classified.get(scheme, ())

    def identifier(self, scheme: str) -> str | None:
        """The first external identifier of a scheme."""
        return next(iter(self.identified.get(scheme, ())), None)


@dataclass(frozen=True, slots=True)
class Association:
    """One association: type, source, target and slots."""

    line: int | None
    type: str
    source: str
    target: str
    slots: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Submission:
    """What one ``SubmitObjectsRequest`` says."""

    entries: tuple[RegistryObject, ...] = ()
    sets: tuple[RegistryObject, ...] = ()
    associations: tuple[Association, ...] = ()

    @classmethod
    def of_element(cls, request: Element) -> Submission:
        """Read a ``SubmitObjectsRequest``."""
        beside = {
            c.get("classifiedObject", "")
            for c in request.iter(f"{{{RIM}}}Classification")
            if c.get("classificationNode") == SUBMISSION_SET
        }
        packages = [e for e in request.iter(f"{{{RIM}}}RegistryPackage") if e.get("id") in beside or _marked(e)]
        return cls(
            tuple(_object(e) for e in request.iter(f"{{{RIM}}}ExtrinsicObject")),
            tuple(_object(e) for e in packages),
            tuple(_association(e) for e in request.iter(f"{{{RIM}}}Association")),
        )


def _marked(package: Element) -> bool:
    """Whether a package says of itself that it is a submission set, without naming itself."""
    return any(c.get("classificationNode") == SUBMISSION_SET for c in package.iterfind(f"{{{RIM}}}Classification"))


def _object(element: Element) -> RegistryObject:
    classified: dict[str, list[Coded]] = {}
    for each in element.iterfind(f"{{{RIM}}}Classification"):
        classified.setdefault(each.get("classificationScheme", ""), []).append(_coded(each))
    identified: dict[str, list[str]] = {}
    for each in element.iterfind(f"{{{RIM}}}ExternalIdentifier"):
        identified.setdefault(each.get("identificationScheme", ""), []).append(each.get("value", ""))
    return RegistryObject(
        id=element.get("id", ""),
        line=line_of(element),
        type=element.get("objectType"),
        mime=element.get("mimeType"),
        status=element.get("status"),
        name=_label(element),
        slots=_slots(element),
        classified=MappingProxyType({scheme: tuple(codes) for scheme, codes in classified.items()}),
        identified=MappingProxyType({scheme: tuple(values) for scheme, values in identified.items()}),
    )


def _coded(element: Element) -> Coded:
    slots = _slots(element)
    scheme = next(iter(slots.get("codingScheme", ())), None)
    return Coded(element.get("nodeRepresentation", ""), scheme, _label(element), line_of(element), slots)


def _association(element: Element) -> Association:
    return Association(
        line_of(element),
        element.get("associationType", ""),
        element.get("sourceObject", ""),
        element.get("targetObject", ""),
        _slots(element),
    )


def _slots(element: Element) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(dict(_each_slot(element)))


def _each_slot(element: Element) -> Iterator[tuple[str, tuple[str, ...]]]:
    for slot in element.iterfind(f"{{{RIM}}}Slot"):
        yield slot.get("name", ""), tuple((v.text or "").strip() for v in slot.iter(f"{{{RIM}}}Value"))


def _label(element: Element) -> str | None:
    named = element.find(f"{{{RIM}}}Name/{{{RIM}}}LocalizedString")
    return None if named is None else named.get("value")
