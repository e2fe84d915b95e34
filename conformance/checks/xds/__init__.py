"""XDS metadata judged by pure functions: complete, coded, of one person, and telling the documents that they carry.

``metadata``, ``codes``, ``sets``, ``contents`` and ``coherence`` take a submission and yield findings, whatever brought
it: a file given to ``conformance check``, or a request that a service received. ``request`` registers them as checks.
"""
