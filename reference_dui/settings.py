"""What an administrator sets: the structure, the footer of each site, the professional behind a mailbox."""

from __future__ import annotations

import json

from conformance.core.texts import say
from conformance.population import Correspondent, Structure

from . import facts
from .box import Box
from .faults import Fault
from .store import Store

MAX_FOOTER = 2000
# What a site may have printed beyond the traits that every print holds.
PRINTABLE = ("used_name", "birth_place")
# Codes of JDV_J01 (1.2.250.1.213.1.1.5.461): a general practitioner signs the documents of the demonstration.
PROFESSION = "G15_10/SM54"


class Settings:
    """Named values in the database, with the defaults of the demonstration."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def structure(self) -> Structure:
        """The fictitious structure that uses the product."""
        return Structure(finess=facts.STRUCTURE_FINESS, name=facts.STRUCTURE_NAME, sector="SA17")

    def author(self, box: Box) -> Correspondent:
        """The fictitious professional who signs from a mailbox."""
        return Correspondent(
            address=box.address,
            identifier=facts.professional_id(box.address),
            name="ESSAI",
            first_name="Camille",
            profession=PROFESSION,
            kind="PER",
        )

    def sender_name(self, box: Box) -> str:
        """The display name of the sender: title, first name, name and entity for a person, else the entity (va1.16)."""
        if box.kind != "PER":
            return self.structure.name
        author = self.author(box)
        return f"Dr_{author.first_name}_{author.name}_{self.structure.name}"

    @property
    def footer(self) -> str:
        """The data protection notice of the site, at the foot of each message and of each page; empty text for the default."""
        row = self._store.row("SELECT value FROM settings WHERE name = 'footer'")
        return (
            row["value"] if row and row["value"] else say("refdui.footer.default", "fr", structure=self.structure.name)
        )

    @footer.setter
    def footer(self, text: str) -> None:
        self._store.run("INSERT OR REPLACE INTO settings VALUES ('footer', ?)", text.strip()[:MAX_FOOTER])

    @property
    def files_alone(self) -> bool:
        """Whether a document whose INS matches is filed of itself (MSS/UX.07); it is, until somebody says no."""
        row = self._store.row("SELECT value FROM settings WHERE name = 'automatic-filing'")
        return row is None or row["value"] == "on"

    @files_alone.setter
    def files_alone(self, wanted: bool) -> None:
        value = "on" if wanted else "off"
        self._store.run("INSERT OR REPLACE INTO settings VALUES ('automatic-filing', ?)", value)

    @property
    def trusted_senders(self) -> frozenset[str]:
        """The senders of other domains with which a contract of trust was made (SC.INS.39), in lower case."""
        row = self._store.row("SELECT value FROM settings WHERE name = 'trusted-senders'")
        return frozenset(json.loads(row["value"])) if row else frozenset()

    @trusted_senders.setter
    def trusted_senders(self, addresses: frozenset[str]) -> None:
        value = json.dumps(sorted(address.lower() for address in addresses))
        self._store.run("INSERT OR REPLACE INTO settings VALUES ('trusted-senders', ?)", value)

    @property
    def printed_traits(self) -> tuple[str, ...]:
        """The traits that the site prints beyond those that every print holds (SC.INS.30B, SC.INS.56)."""
        row = self._store.row("SELECT value FROM settings WHERE name = 'printed-traits'")
        return tuple(json.loads(row["value"])) if row else ()

    @printed_traits.setter
    def printed_traits(self, names: tuple[str, ...]) -> None:
        if unknown := set(names) - set(PRINTABLE):
            raise Fault("refdui.fault.wrong-trait", trait=", ".join(sorted(unknown)))
        self._store.run("INSERT OR REPLACE INTO settings VALUES ('printed-traits', ?)", json.dumps(names))
        self._store.run("DELETE FROM settings WHERE name = 'printed-traits-first'")

    def first_to_print(self, address: str) -> str:
        """The mailbox that first wrote a document after the printed traits were set."""
        self._store.run("INSERT OR IGNORE INTO settings VALUES ('printed-traits-first', ?)", address)
        row = self._store.row("SELECT value FROM settings WHERE name = 'printed-traits-first'")
        return str(row["value"]) if row else address
