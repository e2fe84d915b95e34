"""Log-in by an OpenID Connect provider, Pro Santé Connect or another that the structure chose."""
