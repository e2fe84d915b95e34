"""Checks on the messages that the product sends, one module per theme."""
