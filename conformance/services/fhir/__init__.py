"""The HTTP side of FHIR R4 (4.0.1), shared by the national services that speak it.

``outcome`` tells errors, ``reading`` bounds what comes in, ``repository`` keeps resources in memory, ``search`` finds them,
``transaction`` carries out a Bundle whole or not at all, ``capability`` describes a server, ``faults`` makes it misbehave,
``exchange`` is what is recorded of a request, ``server`` puts all of it behind HTTP. A national service declares an
:class:`~conformance.services.fhir.server.FhirApi` and serves its application.
"""
