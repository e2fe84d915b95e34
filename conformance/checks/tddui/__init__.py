"""Checks on transfers of records between DUI (ANS, IG TDDUI 2.3.0-ballot)."""
