"""Code lists of the CDA header, as facts: each with its OID and the version it was read in."""
