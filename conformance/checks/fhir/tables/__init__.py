"""Compact tables of published FHIR packages: facts only, each with package, version and SHA-256 of its source."""
