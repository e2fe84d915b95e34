"""The DMP's own formats, read once for the service that plays it and for the checks that judge it: no I/O, no verdict."""
