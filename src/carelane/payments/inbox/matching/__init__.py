"""From an event to the payment it is about: the object is fetched, the payment found, and the one `settle()` told.

Each kind of object has its handler, in one table. None of them trusts what the event said beyond the object's id.
"""
