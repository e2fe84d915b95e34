"""The tables of the directory."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS directory (
    identifier TEXT PRIMARY KEY, name TEXT NOT NULL, first_name TEXT NOT NULL, profession TEXT NOT NULL,
    structure TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS found (
    identifier TEXT PRIMARY KEY, name TEXT NOT NULL, first_name TEXT NOT NULL, profession TEXT NOT NULL,
    structure TEXT NOT NULL, address TEXT NOT NULL);
"""
