"""Making and changing carts: the whole body, or a line. Every change prices the cart anew."""
