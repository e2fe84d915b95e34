"""Content models of structured bodies (CDA N3): the rules as data files, and the engine that judges a document by them."""
