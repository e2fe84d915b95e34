"""What the harness may ask of a product, in data: the control API, the guided driver and the evidence share it.

Each operation is an HTTP call of the control API (``docs/control-api.md``, OpenAPI by ``conformance openapi``).
A product implements the operations it can; an operation it does not offer answers 404 or 501, and the scenarios
that need it are told to a person (guided driver) or end ``blocked``.

One module for each part of a product; a national service with operations of its own brings a module of its own.
"""

from conformance.drivers.operations.access import CreateAccount, ReadLogin, SetSessionIdle
from conformance.drivers.operations.base import ConfigureService, Observe, Operation, ReadAbout, ReadIdle
from conformance.drivers.operations.directory import AddFromDirectory, ImportDirectory, SearchDirectory
from conformance.drivers.operations.mail import (
    AttachDocument,
    ConfigureMailbox,
    FetchMail,
    OpenMessage,
    ReadInbox,
    ReadMessages,
    ReadReceptionCounts,
    ReadUnread,
    RejectDocument,
    SendMessage,
    SetAutomaticFiling,
)
from conformance.drivers.operations.record import (
    AddCorrespondent,
    Channel,
    CreatePerson,
    ReadDocument,
    ReadRecord,
    ReadTraces,
    RecordOpposition,
    ValidateDocument,
)
from conformance.drivers.operations.sdo import (
    FetchDecisions,
    FetchEvaluation,
    FollowStatuses,
    ReadDecisions,
    ReportStatus,
    SendConsent,
)
from conformance.drivers.operations.transfer import ExportRecord, FillRecord, ImportRecord, ReadReception

OPERATIONS: tuple[type[Operation], ...] = (
    ReadAbout,
    ReadIdle,
    ConfigureService,
    ConfigureMailbox,
    SendMessage,
    CreatePerson,
    AddCorrespondent,
    RecordOpposition,
    ValidateDocument,
    FetchMail,
    OpenMessage,
    ReadMessages,
    ReadInbox,
    AttachDocument,
    RejectDocument,
    SetAutomaticFiling,
    ReadReceptionCounts,
    ReadUnread,
    ReadRecord,
    ReadDocument,
    ReadTraces,
    SearchDirectory,
    AddFromDirectory,
    ImportDirectory,
    FillRecord,
    ExportRecord,
    ImportRecord,
    ReadReception,
    FetchDecisions,
    ReadDecisions,
    SendConsent,
    FetchEvaluation,
    ReportStatus,
    FollowStatuses,
    ReadLogin,
    CreateAccount,
    SetSessionIdle,
)

__all__ = [
    "OPERATIONS",
    "AddCorrespondent",
    "AddFromDirectory",
    "AttachDocument",
    "Channel",
    "ConfigureMailbox",
    "ConfigureService",
    "CreateAccount",
    "CreatePerson",
    "ExportRecord",
    "FetchDecisions",
    "FetchEvaluation",
    "FetchMail",
    "FillRecord",
    "FollowStatuses",
    "ImportDirectory",
    "ImportRecord",
    "Observe",
    "OpenMessage",
    "Operation",
    "ReadAbout",
    "ReadDecisions",
    "ReadDocument",
    "ReadIdle",
    "ReadInbox",
    "ReadLogin",
    "ReadMessages",
    "ReadReception",
    "ReadReceptionCounts",
    "ReadRecord",
    "ReadTraces",
    "ReadUnread",
    "RecordOpposition",
    "RejectDocument",
    "ReportStatus",
    "SearchDirectory",
    "SendConsent",
    "SendMessage",
    "SetAutomaticFiling",
    "SetSessionIdle",
    "ValidateDocument",
]
