"""A conformance harness for the French DUI (dossier usager informatisé)."""

__version__ = "0.1.0"
