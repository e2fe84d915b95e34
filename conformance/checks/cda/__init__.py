"""Checks of one CDA document: its header (*structuration minimale* of the CI-SIS) and its N1 body."""
