"""Everything that can be found wrong with an order, always all of it at once: what the dry run tells, the order is refused for.

`check` says it of a new order and of a prescription that is about to leave again; the other files hold what they are held
against: the body itself, its values, what the clinic knows, and what its clinicians decided. Except for `queries`, no I/O.
"""
