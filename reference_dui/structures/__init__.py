"""Third-party structures: their accounts, and the entrance where a certificate is asked of them."""
