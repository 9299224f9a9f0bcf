"""Converting a cart into a charge: exactly one charge, however many ask at once, and all of them get it."""
