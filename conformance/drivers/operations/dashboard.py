"""The dashboard of the core services."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.drivers.operations.base import Operation


@dataclass(frozen=True, slots=True)
class ReadDashboard(Operation):
    """The counts of the dashboard. Answers ``{"finess", "periods": {"current_month", "current_year", "previous_year"}}``.

    Each period holds ``dmp``, ``mss_professional`` and ``mss_citizen`` (documents: ``total``, ``qualified``, ``unqualified``) and
    ``records`` (``dmp``, ``mss_professional``, ``mss_citizen``, and ``all`` for the records with the three); a product that is the
    referential of identities also has ``insi`` (calls: ``succeeded``, ``failed``) and ``admissions`` (persons created: ``total``,
    ``qualified``), from which its rates come.
    """

    name = "read_dashboard"
    method = "GET"
    path = "/dashboard"
    reads = True


@dataclass(frozen=True, slots=True)
class ReadInsiCalls(Operation):
    """Each call to INSi, where the dashboard goes down to it.

    Answers ``{"calls": [{"at", "operation", "message_id", "code"}]}``: ``message_id`` is that of the message.
    """

    name = "read_insi_calls"
    method = "GET"
    path = "/dashboard/insi-calls"
    reads = True
