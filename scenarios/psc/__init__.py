"""The front door: log-in by Pro Santé Connect or another provider, what the product refuses, how sessions end."""
