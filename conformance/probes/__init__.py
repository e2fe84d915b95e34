"""Clients that look at the product's own front door. They ask little, one question after the other, and never judge."""
