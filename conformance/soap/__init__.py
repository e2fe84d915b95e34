"""SOAP 1.2 as the national services speak it: guarded XML, MTOM packages, envelopes, signatures. Pure functions on bytes."""
