"""Accounts: how they open, lock and are renewed, for professionals, administrators and the persons accompanied."""
