"""The shared record (DMP) from the product: corrections of what it fed, consultation, web access."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from conformance.drivers.operations.base import Operation

Visibility = Literal["MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"]


@dataclass(frozen=True, slots=True)
class FeedToDmp(Operation):
    """Feed by hand a document of the record that is not in the DMP, such as one of a past episode."""

    name = "feed_to_dmp"
    method = "POST"
    path = "/documents/{document}/dmp"

    document: str


@dataclass(frozen=True, slots=True)
class DeleteFromDmp(Operation):
    """Delete from the DMP a document that the product fed there (TD3.3c)."""

    name = "delete_from_dmp"
    method = "DELETE"
    path = "/documents/{document}/dmp"

    document: str


@dataclass(frozen=True, slots=True)
class ArchiveInDmp(Operation):
    """Archive in the DMP a document that the product fed there (TD3.3d)."""

    name = "archive_in_dmp"
    method = "POST"
    path = "/documents/{document}/dmp/archive"

    document: str


@dataclass(frozen=True, slots=True)
class SetDmpVisibility(Operation):
    """Change from whom a document that the product fed is hidden in the DMP (TD3.3a, TD3.3b); no code hides it from nobody."""

    name = "set_dmp_visibility"
    method = "PUT"
    path = "/documents/{document}/dmp/visibility"

    document: str
    visibility: tuple[Visibility, ...] = ()


@dataclass(frozen=True, slots=True)
class SetSecretConnection(Operation):
    """Have the calls to the DMP about a person be secret connections, or ordinary ones again.

    A secret connection is asked for by the attribute ``confidentiality-code`` of the VIHF (CI-SIS).
    """

    name = "set_secret_connection"
    method = "PUT"
    path = "/persons/{person}/dmp/secret"

    person: str
    active: bool


@dataclass(frozen=True, slots=True)
class ConsultDmp(Operation):
    """List the documents of a person's DMP. Answers ``{"documents": [{"unique_id", "title", "type_code", "created"}]}``.

    ``criteria`` are lists of values by the names of ITI-18's parameters without ``$XDSDocumentEntry``: ``TypeCode``,
    ``ClassCode`` (``code^^system``), ``CreationTimeFrom``… ``account``, where it is told, is that of the professional who is
    logged in by Pro Santé Connect and acts; otherwise the user that ``configure_service`` set does.
    """

    name = "consult_dmp"
    method = "POST"
    path = "/persons/{person}/dmp/search"

    person: str
    criteria: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    account: str | None = None


@dataclass(frozen=True, slots=True)
class IntegrateFromDmp(Operation):
    """Open a document of the DMP and keep it in the record. Answers ``{"document": "<id>", "already": false, "url": "<page>"}``.

    ``url`` is the page that the user is then shown, absolute or relative to the control API's host.
    """

    name = "integrate_from_dmp"
    method = "POST"
    path = "/persons/{person}/dmp/documents"

    person: str
    unique_id: str


@dataclass(frozen=True, slots=True)
class OpenDmpWeb(Operation):
    """Say where the browser is sent for a function of the DMP's web access (TD0.9). Answers ``{"url"}``."""

    name = "open_dmp_web"
    method = "POST"
    path = "/dmp/web"

    function: Literal["TableauDeBord", "DossierPatient"]
    person: str | None = None


@dataclass(frozen=True, slots=True)
class ReadDmpStates(Operation):
    """What became of a person's documents towards the DMP. Answers ``{"documents": [{"document", "state"}]}``."""

    name = "read_dmp_states"
    method = "GET"
    path = "/persons/{person}/dmp/states"
    reads = True

    person: str
