"""The rules of the HL7 v3 data types (release 1) that go beyond the schema, and their check."""
