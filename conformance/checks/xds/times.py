"""XDS times (in UTC, without zone) beside HL7 times (with an offset): the same instants or not."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from conformance.checks.cda import forms

_XDS_TIME = re.compile(r"\d{4}(\d\d){0,5}", re.ASCII)


def is_xds_time(told: str) -> bool:
    """Whether a value is a DTM of the metadata, on the calendar (IHE ITI TF-3, 4.2.3.1.7)."""
    return bool(_XDS_TIME.fullmatch(told)) and forms.moment(told) is not None


def utc(written: str | None) -> str | None:
    """An HL7 TS as the metadata would write it; as it is when it is none."""
    read = forms.moment(written)
    return written if read is None else read.utc


def same_instant(told: str, written: str) -> bool:
    """Whether an XDS time and an HL7 TS are the same instant, at the coarser of their precisions.

    A TS without offset, or cut at the day, is a local time: UTC, and Paris in winter or in summer, are accepted.
    """
    read = forms.moment(written)
    if read is None:
        return False
    precision = min(len(told), read.digits)
    if read.zoned and read.digits > 8:
        return told[:precision] == read.utc[:precision]
    local = read.at.replace(tzinfo=None)
    return any(told[:precision] == _shifted(local, hours)[:precision] for hours in (0, 1, 2))


def _shifted(local: datetime, hours: int) -> str:
    zoned = local.replace(tzinfo=timezone(timedelta(hours=hours)))
    return zoned.astimezone(UTC).strftime("%Y%m%d%H%M%S") if local.year > 1 else ""
