"""Products, forms and bundles of an organization file."""
