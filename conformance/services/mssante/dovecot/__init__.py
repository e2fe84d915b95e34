"""Debian's Dovecot behind the operator's own doors: it keeps the boxes and speaks IMAP and submission.

The doors stay those of the operator: they end TLS, open boxes, show faults and record; Dovecot is reached on Unix sockets
of a folder of its own. ``docs/services/mssante.md``, "Backends", says why.
"""
