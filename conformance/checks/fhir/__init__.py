"""FHIR R4: a validator that knows the French guides, offline, on compact tables of facts.

One way through: ``subject`` reads JSON or XML; ``validator`` opens a ``walk`` of the document; ``members`` sorts what an
object holds, ``values`` judges one value, ``sliced`` the slices, ``statements`` fixed values and invariants,
``bindings`` codes, ``references`` links, ``extensions``, ``bundles``, ``attachments``, ``questionnaires``; ``rules``
are our own. ``definitions`` hold the tables (made by ``conformance.fhir_packs``), ``report`` keeps the findings.
"""
