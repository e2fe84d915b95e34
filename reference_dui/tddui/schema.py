"""The tables of whole records."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY, person TEXT NOT NULL UNIQUE REFERENCES persons(key), contact TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS record_items (
    person TEXT NOT NULL REFERENCES persons(key), position INTEGER NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL,
    data TEXT NOT NULL, PRIMARY KEY (person, id));
"""
