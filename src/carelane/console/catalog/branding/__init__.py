"""Branding in the console: the clinic's name, what storefronts are told of its look, and pictures of both."""
