"""Checks on what a product does at the SI-SDO: access, searches, what it tells."""
