"""Scenarios of the transfer of records between DUI (IG TDDUI)."""
