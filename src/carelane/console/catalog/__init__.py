"""The catalog, for administrators: a room for each kind of record, with a list, a form to make one and a page to change it."""
