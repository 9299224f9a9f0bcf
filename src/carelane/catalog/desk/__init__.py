"""Products and bundles as administrators keep them: everything that `apply` can write of one, and what taxes ask of a product.

They are the rows of the organization file and of the billing dialect's items and packages, written by the same statements. What
is changed here is "changed elsewhere" to the next `apply`.
"""
