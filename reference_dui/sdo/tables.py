"""The tables of orientation decisions."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS orientations (
    national TEXT PRIMARY KEY, decision TEXT NOT NULL, resource TEXT NOT NULL, version INTEGER NOT NULL,
    individual TEXT NOT NULL, traits TEXT NOT NULL, label TEXT NOT NULL, person TEXT, status TEXT NOT NULL,
    consented TEXT NOT NULL DEFAULT '', evaluation TEXT NOT NULL DEFAULT '', at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orientation_searches (name TEXT PRIMARY KEY, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orientation_sendings (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, national TEXT NOT NULL, once TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '', at TEXT NOT NULL);
"""
