"""National services that somebody else plays: what the product tells them."""
