"""The tables of log-in by a provider."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS identities (identifier TEXT PRIMARY KEY, login TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS logins (
    state TEXT PRIMARY KEY, nonce TEXT NOT NULL, verifier TEXT NOT NULL, browser TEXT NOT NULL, until REAL NOT NULL);
"""
