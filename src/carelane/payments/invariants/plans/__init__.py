"""The checks of payment plans."""
