"""The queue: what runs out first on top, filters in the address, the next case, acts on many, and why a case is not there."""
