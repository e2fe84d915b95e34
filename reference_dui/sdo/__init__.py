"""Orientation decisions: fetching them from the SI-SDO, consent, evaluation, statuses."""
