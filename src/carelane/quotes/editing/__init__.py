"""Making quotes of carts, and changing them while they are pending. Every change of what is offered prices the quote anew."""
