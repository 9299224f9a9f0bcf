"""Making carts, and changing drafts: the whole body, or one line. Every change prices the cart again."""
