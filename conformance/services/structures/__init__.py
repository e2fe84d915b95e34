"""Third-party structures that connect to the product: their certificates, good and bad, under the bench's authority."""
