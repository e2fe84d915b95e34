"""The accounts of the product: who may enter, by what, how passwords and second means live, sessions."""
