"""The Annuaire Santé of a lane: the FHIR read API of public data, and the public extraction file.

Facts: guide « Annuaire Santé » 1.2.0-snapshot-2 (ANS), its CapabilityStatement of public data; wire.md §5.
"""
