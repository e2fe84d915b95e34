"""The table of uploaded files."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS files (person TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (person, name));
"""
