"""The DMP in the product: feeding, consultation, corrections, each in the name of the user who asks for it."""
