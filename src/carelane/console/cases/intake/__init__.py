"""The answers of a case, grouped as its forms ask them."""
