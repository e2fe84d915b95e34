"""The rest of the *structuration minimale*, as one table of facts by place and what reads it."""
