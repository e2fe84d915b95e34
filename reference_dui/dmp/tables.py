"""The tables of the DMP in the product's database."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS dmp_feedings (
    id INTEGER PRIMARY KEY, document TEXT NOT NULL UNIQUE, person TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT '', settled TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS dmp_visits (
    id INTEGER PRIMARY KEY, person TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dmp_copies (
    unique_id TEXT PRIMARY KEY, person TEXT NOT NULL, until REAL NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS dmp_states (
    person TEXT PRIMARY KEY, state TEXT NOT NULL, authorisation TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dmp_listed (
    unique_id TEXT PRIMARY KEY, person TEXT NOT NULL, title TEXT NOT NULL, type_code TEXT NOT NULL,
    created TEXT NOT NULL, status TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS dmp_listed_of ON dmp_listed (person);
CREATE TABLE IF NOT EXISTS dmp_secret (person TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS deaths (person TEXT PRIMARY KEY, day TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS gone_authors (identifier TEXT PRIMARY KEY);
"""
