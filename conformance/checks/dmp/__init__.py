"""Checks on how a product feeds, corrects and consults the DMP."""
