"""The registry and the repository of one lane: what they hold, and every statement on it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from functools import partial

from conformance.services.dmp.database import Database
from conformance.services.dmp.held import Held, HeldSet, Link, Patient, Place, matricule_of


class Store(Database):
    """Every statement of the registry."""

    # --- people and rights ------------------------------------------------------------------------------------

    def keep_patient(self, patient: Patient) -> None:
        """Know a person, or know them otherwise."""
        self._db.execute(
            "INSERT OR REPLACE INTO patients VALUES (?, ?, ?, ?, ?)",
            (patient.matricule, patient.ins, patient.oid, patient.state, json.dumps(dict(patient.traits))),
        )
        self.committed()

    def forget_patient(self, ins: str) -> None:
        """Know a person no more."""
        self._db.execute("DELETE FROM patients WHERE matricule = ?", (matricule_of(ins),))
        self.committed()

    def patient(self, ins: str) -> Patient | None:
        """A person, if the DMP knows them."""
        row = self._db.execute("SELECT * FROM patients WHERE matricule = ?", (matricule_of(ins),)).fetchone()
        return Patient(**{**dict(row), "traits": json.loads(row["traits"])}) if row else None

    def authorise(self, ins: str, holder: str, state: str, at: str) -> None:
        """Set what a professional may do: ``valid``, ``none``, ``expired`` or ``blocked``."""
        self._db.execute(
            "INSERT OR REPLACE INTO authorisations VALUES (?, ?, ?, ?)", (matricule_of(ins), holder, state, at)
        )
        self.committed()

    def authorisation(self, ins: str, holder: str) -> str:
        """The state of a professional's authorisation; one set for anybody (``*``) holds where none is their own."""
        rows = self._db.execute(
            "SELECT state FROM authorisations WHERE matricule = ? AND holder IN (?, '*') ORDER BY holder = '*'",
            (matricule_of(ins), holder),
        ).fetchall()
        return str(rows[0]["state"]) if rows else "none"

    def authorised(self, holder: str) -> list[tuple[Patient, str]]:
        """The people whose record a professional may open, with the instant of the authorisation."""
        rows = self._db.execute(
            "SELECT matricule, at FROM authorisations WHERE holder = ? AND state = 'valid' ORDER BY at DESC", (holder,)
        ).fetchall()
        found = [(self.patient(row["matricule"]), str(row["at"])) for row in rows]
        return [(patient, at) for patient, at in found if patient is not None]

    # --- documents --------------------------------------------------------------------------------------------

    def add_submission(self, held: HeldSet) -> None:
        """File a submission set."""
        self._db.execute(
            "INSERT INTO submissions VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                held.unique_id,
                held.uuid,
                held.matricule,
                held.structure,
                held.at,
                json.dumps(dict(held.facts)),
                held.xml,
            ),
        )

    def submissions_of(self, matricule: str) -> list[HeldSet]:
        """The submission sets of a person, in the order they came."""
        rows = self._db.execute("SELECT * FROM submissions WHERE matricule = ? ORDER BY rowid", (matricule,)).fetchall()
        return [_held_set(row) for row in rows]

    def submission(self, id: str) -> HeldSet | None:
        """A submission set by either of its ids."""
        row = self._db.execute("SELECT * FROM submissions WHERE unique_id = ? OR uuid = ?", (id, id)).fetchone()
        return _held_set(row) if row else None

    def has_submission(self, unique_id: str) -> bool:
        """Whether this submission set was accepted before."""
        return self._db.execute("SELECT 1 FROM submissions WHERE unique_id = ?", (unique_id,)).fetchone() is not None

    def add_entry(self, held: Held, submission: str) -> None:
        """File an entry as the current one of its document."""
        self._db.execute("UPDATE entries SET current = 0 WHERE unique_id = ? AND current = 1", (held.unique_id,))
        self._db.execute(
            "INSERT INTO entries VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                held.uuid,
                held.lid,
                held.version,
                held.unique_id,
                held.matricule,
                held.status,
                held.structure,
                held.person,
                submission,
                held.at,
                json.dumps(dict(held.facts)),
                held.xml,
            ),
        )

    def add_document(self, unique_id: str, content: bytes, sha1: str, place: Place | None = None) -> None:
        """File a document: where it stands, else its bytes."""
        held = (None, place.source, place.start) if place else (content, None, None)
        self._db.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)", (unique_id, sha1, *held, len(content)))

    def add_association(self, link: Link) -> None:
        """File an association."""
        self._db.execute(
            "INSERT INTO associations (uuid, type, source, target, slots) VALUES (?, ?, ?, ?, ?)",
            (link.uuid, link.type, link.source, link.target, json.dumps(dict(link.slots))),
        )

    def set_status(self, uuid: str, status: str) -> None:
        """Change the availability of an entry."""
        self._db.execute("UPDATE entries SET status = ? WHERE uuid = ?", (status, uuid))

    def entry(self, uuid: str) -> Held | None:
        """The current entry of this id, logical id included."""
        row = self._db.execute(
            "SELECT * FROM entries WHERE (uuid = ? OR lid = ?) AND current = 1", (uuid, uuid)
        ).fetchone()
        return _held(row) if row else None

    def has_object(self, uuid: str) -> bool:
        """Whether an entry, of whatever version, or a submission set has this id."""
        asked = "SELECT 1 FROM entries WHERE uuid = ? UNION SELECT 1 FROM submissions WHERE uuid = ?"
        return self._db.execute(asked, (uuid, uuid)).fetchone() is not None

    def entry_of(self, unique_id: str) -> Held | None:
        """The current entry of a document."""
        row = self._db.execute("SELECT * FROM entries WHERE unique_id = ? AND current = 1", (unique_id,)).fetchone()
        return _held(row) if row else None

    def entries_of(self, matricule: str) -> list[Held]:
        """The current entries of a person, in the order they came."""
        rows = self._db.execute(
            "SELECT * FROM entries WHERE matricule = ? AND current = 1 ORDER BY rowid", (matricule,)
        ).fetchall()
        return [_held(row) for row in rows]

    def reading(self, unique_id: str) -> Callable[[], bytes] | None:
        """What reads a document that is held, in any thread; raises :class:`~conformance.evidence.store.Altered` when it is not whole."""
        row = self._db.execute("SELECT * FROM documents WHERE unique_id = ?", (unique_id,)).fetchone()
        if row is None or row["source"] is None:
            return partial(bytes, row["content"]) if row else None
        return partial(self._cut, row["source"], row["start"], row["size"])

    def _cut(self, source: str, start: int, size: int) -> bytes:
        return self._contents.get(source)[start : start + size]

    def sha1_of(self, unique_id: str) -> str | None:
        """The SHA-1 of a document, by which XDS tells whether two are the same."""
        row = self._db.execute("SELECT sha1 FROM documents WHERE unique_id = ?", (unique_id,)).fetchone()
        return str(row["sha1"]) if row else None

    def associations(self, uuids: Iterable[str]) -> list[Link]:
        """The associations that touch any of these objects, in the order they came."""
        found: dict[int, Link] = {}
        for uuid in uuids:
            rows = self._db.execute("SELECT * FROM associations WHERE source = ? OR target = ?", (uuid, uuid))
            found |= {row["id"]: _link(row) for row in rows}
        return [found[id] for id in sorted(found)]

    def count(self) -> int:
        """How many documents are held."""
        return int(self._db.execute("SELECT count(*) AS n FROM documents").fetchone()["n"])


def _held(row: sqlite3.Row) -> Held:
    members = {name: row[name] for name in Held.__slots__}
    return Held(**{**members, "facts": json.loads(row["facts"]), "xml": bytes(row["xml"])})


def _held_set(row: sqlite3.Row) -> HeldSet:
    members = {name: row[name] for name in HeldSet.__slots__}
    return HeldSet(**{**members, "facts": json.loads(row["facts"]), "xml": bytes(row["xml"])})


def _link(row: sqlite3.Row) -> Link:
    return Link(**{**{name: row[name] for name in Link.__slots__}, "slots": json.loads(row["slots"])})
