"""The national directory in the product: search over the FHIR API, import of the public extraction."""
