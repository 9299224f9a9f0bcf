"""Orders: the board, one order and what can be done about it, callbacks without an order, and how the pharmacies answer."""
