"""Money and care: what must be decided before money moves, and paid before a parcel leaves; and what is told of it."""
