"""Promo codes as administrators keep them: found, made, changed, switched off."""
