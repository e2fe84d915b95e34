"""The dashboard of the core services."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.drivers.operations.base import Operation


@dataclass(frozen=True, slots=True)
class ReadDashboard(Operation):
    """The counts of the dashboard. Answers ``{"finess", "periods": {"current_month", "current_year", "previous_year"}}``.

    Each period holds ``dmp``, ``mss_professional`` and ``mss_citizen`` (documents: ``total``, ``qualified``, ``unqualified``) and
    ``records`` (``dmp``, ``mss_professional``, ``mss_citizen``, and ``all`` for the records with the three).
    """

    name = "read_dashboard"
    method = "GET"
    path = "/dashboard"
    reads = True
