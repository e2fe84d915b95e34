"""Servers that say they are a national service and show a certificate that must be refused, or speak in clear."""
