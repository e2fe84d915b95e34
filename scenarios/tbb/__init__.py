"""The dashboard of the core services."""
