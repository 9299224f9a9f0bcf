"""Rows for what no route writes yet: one function per noun. Each takes the organization, and any column as a keyword."""
