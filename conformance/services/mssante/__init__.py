"""A simulated MSSanté operator: submission, reading and autoconfiguration, for one lane, on loopback.

It receives and keeps; it never relays and never judges. Facts: Référentiel socle MSSanté #2 (API LPS) v1.0.
"""
