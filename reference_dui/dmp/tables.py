"""The tables of the DMP in the product's database."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS dmp_feedings (
    id INTEGER PRIMARY KEY, document TEXT NOT NULL UNIQUE, person TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT '', settled TEXT NOT NULL DEFAULT '');
"""
