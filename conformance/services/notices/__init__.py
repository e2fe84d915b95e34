"""The ordinary mail of people: where a product's notices and confirmation codes arrive."""
