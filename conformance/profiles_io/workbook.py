"""An official workbook, read and merged: one entry for each requirement, with its scenarios and proofs."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from conformance.core.errors import UsageError
from conformance.core.texts import Language, say
from conformance.profiles_io import ids
from conformance.profiles_io.archive import guard
from conformance.profiles_io.cells import plain, unmarked
from conformance.profiles_io.layout import DEEP, NEEDED, Layout, find, missing, normalised

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MAX_ROWS = 20_000
MAX_COLUMNS = 128
EMPTY_END = 500  # so many empty rows in a row end a sheet: styled rows may go down to 1 048 576
ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
# Values of « Statut publication » and « Bon pour publication » that keep a row out (dui-rem.md §1.2, statuses).
OUT = frozenset({"non", "no", "obsolete", "a supprimer", "supprimee", "rejetee"})
CONFLICTS = ("statement", "nature", "profile")


@dataclass
class Official:
    """One requirement of the workbook: the members of its first row, then what its other rows add."""

    id: str
    row: int
    members: dict[str, str]
    scenarios: dict[str, str] = field(default_factory=dict)
    proofs: dict[str, str] = field(default_factory=dict)
    out: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What the reader should know of the import: a catalogue code and its values."""

    code: str
    values: tuple[tuple[str, object], ...]

    def told(self, lang: Language | None = None) -> str:
        """The note as a sentence."""
        return say(self.code, lang, **dict(self.values))


@dataclass
class Workbook:
    """What was read: the layout, the requirements in their order, and the notes."""

    layout: Layout
    requirements: list[Official]
    notes: list[Note]
    rows: int = 0


def read(path: Path) -> Workbook:
    """Read an official workbook in any of its layouts; every defect is a :class:`UsageError` with its place."""
    guard(path)
    sheet, layout = _sheet(path, _opened(path))
    return _Merger(path, layout).merge(sheet)


def _opened(path: Path) -> Sequence[Worksheet]:
    with warnings.catch_warnings():
        # openpyxl warns of extensions that it drops (validations, slicers): none matters here.
        warnings.simplefilter("ignore")
        try:
            with path.open("rb") as stream:
                book = load_workbook(stream, data_only=True, keep_links=False, keep_vba=False, rich_text=False)
                return list(book.worksheets)
        except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as exc:
            # What openpyxl meets in a damaged part, it lets through as it comes.
            raise UsageError("profile.import.not-workbook", path=str(path), reason=type(exc).__name__) from exc
        except (InvalidFileException, SyntaxError, zlib.error, OSError) as exc:
            raise UsageError("profile.import.not-workbook", path=str(path), reason=str(exc)) from exc


def _sheet(path: Path, sheets: Sequence[Worksheet]) -> tuple[Worksheet, Layout]:
    # « Exigences » first; a public REM has other sheets with look-alike headers (summaries, earlier versions).
    ordered = sorted(
        sheets, key=lambda s: (not normalised(s.title).startswith("exigences"), s.sheet_state != "visible")
    )
    for sheet in ordered:
        if layout := find(sheet.title, _values(sheet, DEEP)):
            return sheet, layout
    lacking = missing(_values(ordered[0], DEEP)) if ordered else list(NEEDED)
    title = ordered[0].title if ordered else "-"
    raise UsageError("profile.import.layout", path=str(path), sheet=title, fields=", ".join(lacking) or "preuve")


def _values(sheet: Worksheet, last: int | None = None) -> Iterator[tuple[object, ...]]:
    width = min(sheet.max_column or 1, MAX_COLUMNS)
    bottom = min(sheet.max_row or 1, last or sheet.max_row or 1)
    return sheet.iter_rows(max_row=bottom, max_col=width, values_only=True)


class _Merger:
    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        self.layout = layout
        self.found: dict[str, Official] = {}
        self.notes: list[Note] = []
        self.current: Official | None = None
        self.scenario = ""
        self.hidden: list[int] = []

    def merge(self, sheet: Worksheet) -> Workbook:
        rows = empty = 0
        for number, values in enumerate(_values(sheet), 1):
            if number <= self.layout.row:
                continue
            if not any(plain(v) for v in values):
                empty += 1
                if empty >= EMPTY_END:
                    break
                continue
            empty = 0
            rows += 1
            if rows > MAX_ROWS:
                raise self.fault("profile.import.too-many-rows", number, 0, limit=MAX_ROWS)
            if number in sheet.row_dimensions and sheet.row_dimensions[number].hidden:
                self.hidden.append(number)
            self.row(number, values)
        if not self.found:
            raise UsageError("profile.import.empty", path=str(self.path), sheet=self.layout.sheet)
        if self.hidden:
            self.note("profile.import.hidden", count=len(self.hidden), row=self.hidden[0])
        return Workbook(self.layout, list(self.found.values()), self.notes, rows)

    def row(self, number: int, values: tuple[object, ...]) -> None:
        members = {name: self.text(number, column, values) for name, column in self.layout.columns.items()}
        proofs = [(self.text(number, i, values), self.text(number, t, values)) for i, t in self.layout.proofs]
        self.current = self.requirement(number, members, [p for p, _ in proofs])
        id = self.current.id
        scenario = ids.child(members.get("scenario_id", ""), id)
        if not scenario and members.get("scenario"):
            scenario = f"{id}.{len(self.current.scenarios) + 1:02d}"
        self.scenario = scenario or self.scenario
        if scenario:
            self.current.scenarios.setdefault(scenario, members.get("scenario", ""))
        for proof, text in proofs:
            if proof or text:
                made = (
                    ids.proof(proof, id, self.scenario) or f"{self.scenario or id}.{len(self.current.proofs) + 1:02d}"
                )
                self.keep(number, made, text)

    def keep(self, number: int, proof: str, text: str) -> None:
        assert self.current is not None
        known = self.current.proofs.setdefault(proof, text)
        if text and not known:
            self.current.proofs[proof] = text
        elif text and text != known:
            self.note("profile.import.two-proofs", row=number, id=proof)

    def requirement(self, number: int, members: dict[str, str], proofs: list[str]) -> Official:
        written = members.pop("id")
        if not written:
            # A merged cell gives its value to its first row alone: the following rows are of the same requirement.
            if self.current is None:
                raise self.fault("profile.import.no-id", number, self.layout.columns["id"])
            return self.current
        others = [members.get("scenario_id", ""), *proofs]
        id = ids.requirement(" ".join(written.split()), members.get("section_id", ""), others)
        if id is None:
            raise self.fault("profile.import.truncated-id", number, self.layout.columns["id"], id=written)
        if self.current is None or id != self.current.id:
            self.scenario = ""
        if id in self.found:
            self.compare(number, self.found[id], members)
            return self.found[id]
        if not members.get("statement"):
            raise self.fault("profile.import.no-statement", number, self.layout.columns["statement"], id=id)
        publication = members.get("publication", "")
        made = Official(id, number, members, out=publication if normalised(publication) in OUT else "")
        self.found[id] = made
        return made

    def compare(self, number: int, first: Official, members: dict[str, str]) -> None:
        for name in CONFLICTS:
            now, then = members.get(name, ""), first.members.get(name, "")
            if now and then and normalised(now) != normalised(then):
                if name == "nature":
                    raise self.fault("profile.import.two-natures", number, self.layout.columns[name], id=first.id)
                self.note("profile.import.two-values", row=number, id=first.id, column=self.name(name), first=first.row)

    def text(self, number: int, column: int, values: tuple[object, ...]) -> str:
        value = values[column] if column < len(values) else None
        if isinstance(value, str) and value.strip() in ERRORS:
            raise self.fault("profile.import.cell-error", number, column, got=value.strip())
        return unmarked(value) if self.layout.marked_up else plain(value)

    def note(self, code: str, **values: object) -> None:
        self.notes.append(Note(code, tuple(values.items())))

    def name(self, field_name: str) -> str:
        return str(get_column_letter(self.layout.columns[field_name] + 1))

    def fault(self, code: str, row: int, column: int, **values: object) -> UsageError:
        letter = get_column_letter(column + 1)
        return UsageError(code, path=str(self.path), sheet=self.layout.sheet, row=row, column=letter, **values)
