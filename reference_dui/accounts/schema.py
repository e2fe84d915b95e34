"""The tables of the accounts. Moments are seconds since the epoch."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    login TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL,
    changed REAL NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0, locked REAL NOT NULL DEFAULT 0,
    attributes TEXT NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS former_passwords (
    id INTEGER PRIMARY KEY, login TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS devices (
    login TEXT PRIMARY KEY, secret TEXT NOT NULL, since REAL NOT NULL, step INTEGER NOT NULL, active INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS policies (role TEXT PRIMARY KEY, rules TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, login TEXT NOT NULL, csrf TEXT NOT NULL, until REAL NOT NULL);
"""
