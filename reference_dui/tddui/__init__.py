"""The whole record of a person: what the structure knows and plans, sent to another DUI and taken in from one (TDDUI)."""
