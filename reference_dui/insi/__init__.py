"""The INSi teleservice in the product: searches, verifications, and what they do to an identity."""
