r"""The notation of the structure tables, and its reader.

A line that starts a declaration stands at the margin; what belongs to it is indented::

    type ~Act extends ANY mixed abstract    # ~ stands for the prefix that "abbreviates" names
      realmCode:CS* id:II+ (low:IVXB_TS | &sdtc:id)? %h:InfrastructureRootElements <other>?
      @classCode!:x_ActClassDocumentEntryAct @moodCode:ActMood=EVN @nullFlavor-:NullFlavor
    simple cs = xs:token /[^\s]+/
    element ClinicalDocument:~ClinicalDocument

``name:Type`` is an element, ``&name`` one declared elsewhere, ``%name`` a group, ``<other>`` any element of another
namespace; ``?``, ``*``, ``+`` and ``{2,5}`` say how many, ``!`` after a type that ``xsi:nil`` may stand for it. Of an
attribute, ``!`` says required, ``-`` refused, ``=`` fixed. A prefix names a namespace (:data:`NAMESPACES`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

NAMESPACES: Mapping[str, str] = {
    "h": "urn:hl7-org:v3",
    "sdtc": "urn:hl7-org:sdtc",
    "pharm": "urn:ihe:pharm:medication",
    "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2",
    "ps3-20": "urn:dicom-org:ps3-20",
    "xs": "http://www.w3.org/2001/XMLSchema",
}
# What each schema document is made of; the first is included by all the others, in their own namespaces.
DOCUMENTS: Mapping[str, tuple[str, ...]] = {
    "datatypes": ("datatypes", "vocabulary"),
    "h": ("clinical-document", "narrative"),
    "sdtc": ("sdtc",),
    "pharm": ("pharmacy",),
    "lab": ("lab",),
    "ps3-20": ("imaging",),
}
_TOKEN = re.compile(
    r"(?P<open>[\[(])|(?P<close>[\])])|(?P<or>\|)|(?P<other><other>)"
    r"|(?P<refers>[&%])?(?P<name>[A-Za-z_][\w.-]*)(?P<type>(?::~?[\w.-]+){0,2})(?P<nil>!)?"
)
_COUNT = re.compile(r"[?*+]|\{(\d+),(\d*)\}")
_COUNTS = {"?": (0, 1), "*": (0, None), "+": (1, None)}
_ATTRIBUTE = re.compile(r"@(?P<refers>&)?(?P<name>\w+)(?P<use>[!-])?:(?P<type>~?[\w.:-]+)(?:=(?P<fixed>\S+))?")


@dataclass(frozen=True, slots=True)
class Particle:
    """A piece of a content model; ``kind`` is element, ref, group, other, sequence or choice."""

    kind: str
    name: str = ""
    type: str = ""
    least: int = 1
    most: int | None = 1
    nil: bool = False
    parts: tuple[Particle, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute; ``use`` is ``required``, ``prohibited`` or ``optional``, ``ref`` when declared elsewhere."""

    name: str
    type: str
    use: str
    fixed: str | None
    ref: bool


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declaration; ``head`` is what follows its name on its line."""

    kind: str
    name: str
    head: str
    content: Particle | None
    attributes: tuple[Attribute, ...]


def declarations(document: str) -> Iterator[Declaration]:
    """Every declaration of one of :data:`DOCUMENTS`, in order."""
    for name in DOCUMENTS[document]:
        text = resources.files(__package__).joinpath("tables", f"{name}.txt").read_text(encoding="utf-8")
        yield from read(text)


def read(text: str) -> Iterator[Declaration]:
    """The declarations of a table; a line that the notation does not know raises :class:`ValueError`."""
    prefix = re.search(r"^abbreviates (\S+)$", text, re.MULTILINE)
    plain = re.sub(r"~(?=\w)", prefix.group(1), text) if prefix else text
    lines = [line for line in plain.splitlines() if line and not line.startswith(("#", "namespace ", "abbreviates "))]
    while lines:
        head = lines.pop(0)
        body: list[str] = []
        while lines and lines[0].startswith(" "):
            body.append(lines.pop(0).strip())
        yield _declared(head, " ".join(body))


def _declared(head: str, body: str) -> Declaration:
    kind, _, rest = head.partition(" ")
    if kind not in ("type", "simple", "element", "attribute", "group"):
        raise ValueError(f"not a declaration: {head!r}")
    if kind in ("element", "attribute"):
        name, _, rest = rest.partition(":")
    elif kind == "simple":
        name, _, rest = f"{rest} {body}".partition(" = ")
        body = ""
    else:
        name, _, rest = rest.partition(" ")
    content, at, attributes = body.partition("@")
    read = tuple(_attribute(word) for word in f"{at}{attributes}".split())
    return Declaration(kind, name, rest.strip(), _content(content), read)


def _attribute(word: str) -> Attribute:
    found = _ATTRIBUTE.fullmatch(word)
    if found is None:
        raise ValueError(f"not an attribute: {word!r}")
    use = {"!": "required", "-": "prohibited", None: "optional"}[found["use"]]
    if found["refers"]:
        return Attribute(f"{found['name']}:{found['type']}", "", use, None, True)
    return Attribute(found["name"], found["type"], use, found["fixed"], False)


def _content(text: str) -> Particle | None:
    text = text.strip()
    if not text:
        return None
    parts, end = _parts(text, 0)
    if end != len(text):
        raise ValueError(f"not a content model: {text!r}")
    return (
        parts[0] if len(parts) == 1 and parts[0].kind in ("sequence", "choice") else Particle("sequence", parts=parts)
    )


def _parts(text: str, position: int) -> tuple[tuple[Particle, ...], int]:
    """The particles up to the bracket that closes them, and where that bracket is."""
    found: list[Particle] = []
    while position < len(text):
        if text[position] in " |":
            position += 1
            continue
        token = _TOKEN.match(text, position)
        if token is None:
            raise ValueError(f"not a content model: {text[position:]!r}")
        if token["close"]:
            break
        made, position = _particle(text, token)
        count = _COUNT.match(text, position)
        least, most = _count(count)
        position = count.end() if count else position
        found.append(Particle(made.kind, made.name, made.type, least, most, made.nil, made.parts))
    return tuple(found), position


def _particle(text: str, token: re.Match[str]) -> tuple[Particle, int]:
    if token["open"]:
        parts, end = _parts(text, token.end())
        kind = "sequence" if token["open"] == "[" else "choice"
        return Particle(kind, parts=parts), end + 1
    if token["other"]:
        return Particle("other"), token.end()
    if token["refers"]:
        kind = "ref" if token["refers"] == "&" else "group"
        return Particle(kind, f"{token['name']}{token['type']}"), token.end()
    return Particle("element", token["name"], token["type"][1:], nil=bool(token["nil"])), token.end()


def _count(found: re.Match[str] | None) -> tuple[int, int | None]:
    if found is None:
        return 1, 1
    if found.group() in _COUNTS:
        return _COUNTS[found.group()]
    return int(found.group(1)), int(found.group(2)) if found.group(2) else None
