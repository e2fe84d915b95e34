"""Third-party structures at the entrance of the product."""
