"""The first page: what needs whoever looks at it."""
