"""Branding in the console: the clinic's name, what storefronts are told of its look, its logo, and what patients would see."""
