"""The tables of third-party structures."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS structures (identifier TEXT PRIMARY KEY);
"""
