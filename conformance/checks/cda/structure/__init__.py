"""The structure of a CDA R2 document: tables of our own, compiled once to what decides."""
