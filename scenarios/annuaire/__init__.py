"""The national directory: finding a correspondent, importing the public extraction."""
