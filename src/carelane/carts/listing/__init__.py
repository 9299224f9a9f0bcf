"""The two lists of carts: page by page with search, and the newest at once."""
