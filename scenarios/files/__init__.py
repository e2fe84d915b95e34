"""Files that enter the product, and sets of data that leave it for tests."""
