"""Checks on the dashboard of the core services."""
