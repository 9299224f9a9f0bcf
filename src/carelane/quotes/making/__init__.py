"""Making quotes: the lines, discounts and amounts of a cart, as they are at that moment."""
