"""Lists of carts: filtered, sorted and searched among hundreds of thousands."""
