"""Reading by IMAP4rev1 (RFC 3501) with SASL-IR, IDLE, UIDPLUS, UNSELECT, NAMESPACE and ID.

An own server rather than a library: each connection has a TLS context that records, each command is recorded with
its status before its reply leaves, an initial response (RFC 4959) must be seen, and AUTHENTICATE must not be
offered in clear, loopback or not.
"""
