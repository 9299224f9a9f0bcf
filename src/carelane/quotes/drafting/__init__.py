"""Making quotes from carts, and changing them while nobody has answered. Every change of what is offered prices the quote again."""
