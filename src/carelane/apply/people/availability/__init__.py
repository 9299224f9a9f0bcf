"""`availability` of a member of staff in an organization file: when appointments can be booked with them."""
