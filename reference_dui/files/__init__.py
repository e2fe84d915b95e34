"""Files that users put in records, and the sets of data that the product makes for tests."""
