"""The clinic's money: what is owed, paid, given back, offered and disputed, and the books."""
