"""What happens to a received document after it came: opened by somebody, withdrawn by its sender."""

from __future__ import annotations

from .store import Store, now


class Marks:
    """Marks on documents, by their unique id; the documents themselves never change."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, entry_id: str, unique_id: str) -> None:
        """Remember how the metadata of an archive called a document: a withdrawal names it so."""
        if entry_id:
            self._store.run("INSERT OR IGNORE INTO entries VALUES (?, ?)", entry_id, unique_id)

    def withdraw(self, entry_id: str, sender: str) -> str:
        """Mark a document as withdrawn, if its own sender says so; answers its unique id, else nothing."""
        row = self._store.row(
            "SELECT e.unique_id FROM entries e JOIN items i ON i.unique_id = e.unique_id"
            " JOIN messages m ON m.id = i.message WHERE e.entry_id = ? AND m.sender = ?",
            entry_id,
            sender,
        )
        if row is None:
            return ""
        self._store.run("INSERT OR IGNORE INTO withdrawals VALUES (?, ?)", row["unique_id"], now())
        return str(row["unique_id"])

    def withdrawn(self) -> dict[str, str]:
        """The unique ids withdrawn, with the instant."""
        return {row["unique_id"]: row["at"] for row in self._store.rows("SELECT unique_id, at FROM withdrawals")}

    def open(self, unique_id: str, who: str) -> None:
        """Mark a document as read."""
        self._store.run("INSERT OR IGNORE INTO readings VALUES (?, ?, ?)", unique_id, who, now())

    def opened(self) -> set[str]:
        """The unique ids that somebody read."""
        return {row["unique_id"] for row in self._store.rows("SELECT unique_id FROM readings")}
