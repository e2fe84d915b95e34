"""The FHIR route of the DMP, from a draft (ansforge, IG PDSm4DMP-EEDS 0.1.0, on PDSm 3.1 and IHE MHD): off unless it is asked for."""
