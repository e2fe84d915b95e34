"""The INSi teleservice of a lane: searches by traits and by Vitale card, and a provisional verification.

Facts: ServiceIdentiteCertifiee-v1 (GIE SESAM-Vitale, SEL-MP-043) as public clients and WSDLs show it; wire.md §3. The contract of
the verification is not public: its shape here is a hypothesis of ours, and says so.
"""
