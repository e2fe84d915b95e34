"""The product's own front door."""
