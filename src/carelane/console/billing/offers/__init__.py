"""Carts, put together by search, and the quotes that are made of them."""
