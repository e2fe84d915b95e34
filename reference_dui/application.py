"""The whole product, put together: its parts, and the HTTP application in front of them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from . import control, pages
from .accounts import machine
from .accounts.identifiers import Identifiers
from .accounts.life import AccountLife
from .accounts.notices import Notices
from .accounts.register import Accounts
from .accounts.sessions import Sessions
from .accounts.synchronisation import Synchronisation
from .annuaire.client import Client as DirectoryClient
from .annuaire.directory import Directory
from .connections import Connections
from .correspondence import Correspondence
from .dashboard import Dashboard
from .dmp.record import Record
from .files.shelf import Shelf
from .inbox import Inbox
from .insi.admission import Admission
from .insi.attributes import Attributes
from .insi.calls import InsiCalls
from .insi.history import History
from .insi.identities import Identities
from .insi.statuses import Statuses
from .insi.teleservice import Teleservice
from .library import Library
from .mailboxes import Mailboxes
from .marks import Marks
from .office import Office
from .outbox import Outbox
from .people import People
from .psc.exchange import Exchanges
from .psc.login import Logins
from .reception import Reception
from .results import Alerts
from .sdo.line import Line
from .sdo.orientations import Orientations
from .settings import Settings
from .sins import Sins
from .store import Store
from .structures.register import Structures
from .tddui import endpoint
from .tddui.records import Records
from .traces import Traces
from .transport import Network, Transport

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Dui:
    """The parts of the product, by name."""

    store: Store
    sins: Sins
    people: People
    library: Library
    mailboxes: Mailboxes
    settings: Settings
    outbox: Outbox
    correspondence: Correspondence
    inbox: Inbox
    marks: Marks
    office: Office
    reception: Reception
    traces: Traces
    accounts: Accounts
    sessions: Sessions
    life: AccountLife
    identifiers: Identifiers
    synchronisation: Synchronisation
    connections: Connections
    directory: Directory
    records: Records
    orientations: Orientations
    logins: Logins
    dmp: Record
    dashboard: Dashboard
    identities: Identities
    admission: Admission
    alerts: Alerts
    structures: Structures
    shelf: Shelf

    @property
    def idle(self) -> bool:
        """Nothing waits to leave, nothing is in progress."""
        return self.outbox.idle and self.orientations.sendings.idle and self.dmp.idle

    def start(self) -> None:
        """Start what works in the background."""
        self.accounts.seed()
        self.outbox.start()
        self.orientations.sendings.start()
        self.dmp.start()

    def stop(self) -> None:
        """Stop it, and close the database."""
        self.outbox.stop()
        self.orientations.sendings.stop()
        self.dmp.stop()
        self.store.close()


def build(data: Path, *, sins: Sins | None = None, transport: Callable[[Sins], Transport] = Network) -> Dui:
    """Put the product together on the files of ``data``; nothing starts and nothing is asked of the network."""
    data.mkdir(parents=True, exist_ok=True)
    sins = sins or Sins()
    store = Store(data / "dui.sqlite3")
    network = transport(sins)
    traces, people, library, settings = Traces(store), People(store), Library(store), Settings(store)
    correspondence, inbox, marks = Correspondence(store), Inbox(store), Marks(store)
    mailboxes = Mailboxes(store, network, traces, sins)
    connections, sessions = Connections(store), Sessions(store)
    life = AccountLife(store, connections, traces, sins)
    logins = Logins(store, connections, life.accounts, traces, sins)
    client = DirectoryClient(connections, sins)
    shelf = Shelf(store, people, traces, sins)
    dmp = Record(store, connections, people, library, traces, sins, Exchanges(logins.sessions, sins), shelf)
    calls = InsiCalls(store)
    teleservice = Teleservice(connections, traces, sins, calls)
    alerts = Alerts(store, Notices(connections, traces), traces, sins)
    identities = Identities(
        teleservice, people, Attributes(store), History(store), Statuses(store, people, sins), traces, sins
    )
    outbox = Outbox(store, mailboxes, network, traces, sins)
    return Dui(
        store=store,
        structures=Structures(store, traces, sins),
        shelf=shelf,
        sins=sins,
        people=people,
        library=library,
        mailboxes=mailboxes,
        settings=settings,
        outbox=outbox,
        correspondence=correspondence,
        inbox=inbox,
        marks=marks,
        office=Office(people, library, mailboxes, settings, outbox, correspondence, traces, sins, dmp.validated),
        reception=Reception(
            mailboxes,
            network,
            correspondence,
            inbox,
            library,
            people,
            marks,
            settings,
            traces,
            sins,
            identities,
            alerts.received,
        ),
        alerts=alerts,
        traces=traces,
        accounts=life.accounts,
        sessions=sessions,
        life=life,
        synchronisation=Synchronisation(store, connections, life, sins),
        identifiers=Identifiers(store, client, life.accounts, logins.link, sins),
        identities=identities,
        admission=Admission(people, inbox, correspondence, settings, traces, sins),
        logins=logins,
        connections=connections,
        directory=Directory(store, client, people, traces, sins),
        records=Records(store),
        orientations=Orientations(store, Line(connections, sins), people, library, traces, sins),
        dmp=dmp,
        dashboard=Dashboard(store, people, mailboxes, settings, sins, calls),
    )


def application(dui: Dui, token: str, *, switchable: bool = False) -> Starlette:
    """The HTTP application: pages for people, the control API for the bench.

    ``token`` opens the control API; without one it refuses everybody. ``switchable`` lets it switch defects.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        dui.start()
        try:
            yield
        finally:
            dui.stop()

    return Starlette(
        routes=[
            Mount(control.PREFIX, routes=control.routes(dui, token, switchable=switchable)),
            Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
            *endpoint.routes(dui, token),
            *machine.routes(dui),
            *pages.routes(dui),
        ],
        middleware=pages.middleware(dui.sins),
        lifespan=lifespan,
    )
