"""A simulated Pro Santé Connect: discovery, keys, tokens by refresh or CIBA, introspection."""
