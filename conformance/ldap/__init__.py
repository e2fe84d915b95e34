"""LDAP as far as a synchronisation of accounts needs it: BER, binds and searches (RFC 4511). Pure."""
