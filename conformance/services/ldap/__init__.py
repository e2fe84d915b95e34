"""The directory of a structure's own people, by LDAP: what a product synchronises its accounts with."""
