"""The tables of identities: what a user says of them besides their traits."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS identity_attributes (
    person TEXT NOT NULL REFERENCES persons(key), attribute TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,
    PRIMARY KEY (person, attribute));
CREATE TABLE IF NOT EXISTS former_ins (
    person TEXT NOT NULL REFERENCES persons(key), matricule TEXT NOT NULL, cle TEXT NOT NULL, oid TEXT NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (person, matricule, oid));
CREATE TABLE IF NOT EXISTS status_changes (
    person TEXT NOT NULL REFERENCES persons(key), previous TEXT NOT NULL, status TEXT NOT NULL, at TEXT NOT NULL,
    who TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS insi_calls (
    message_id TEXT NOT NULL, at TEXT NOT NULL, operation TEXT NOT NULL, code TEXT NOT NULL);
"""
