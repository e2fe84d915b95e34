"""The published CDA chain (XSD, then families of Schematron), run from a test pack that the user has.

Nothing of a pack travels with this package. ``conformance pack add`` copies one into the state folder, checks every
reference it makes, and repairs what it can prove; ``conformance check --with`` runs it beside our own checks, in a
worker process that keeps the compiled rules warm.
"""
