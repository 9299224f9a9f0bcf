"""Which members the billing dialect's answers and bodies have: our own statement of what is publicly known of them.

`name:type` for each member. A type is a JSON type, `date-time` or `date`, an enum, another table, or a list of any of these
(`[]`); `?` may be null, `+` may have further members. In bodies and queries `!` must be sent, and `=` says what stands for what was not.
"""

from tests.billing.fields import base, bills, charges, counter, desk, tips

_PARTS = (base, bills, charges, counter, desk, tips)
ANSWERS = {name: told for part in _PARTS for name, told in part.ANSWERS.items()}
BODIES = {name: told for part in _PARTS for name, told in part.BODIES.items()}
OPERATIONS = {name: told for part in _PARTS for name, told in part.OPERATIONS.items()}
QUERIES = {name: told for part in _PARTS for name, told in part.QUERIES.items()}
