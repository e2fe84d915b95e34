"""The receiving side of a transfer of DUI data (ANS, IG TDDUI 2.3.0-ballot): the consumer that a DUI sends a record to."""
