"""INSi: searches, verifications, and what they change in the identity that documents carry."""
