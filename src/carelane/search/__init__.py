"""Search: one box that finds patients by name, e-mail address, telephone number and the storefront's id, cases by their short id,
orders by the pharmacy's number and the tracking number, and everything by its own id.

What records are found by stands in one table of tokens, which triggers write in the transaction of whoever writes the record
(migration 0027). What is typed becomes the beginnings of tokens (`rows.py`), and each is one range of an index: a search reads as
much at a million tokens as at a thousand.
"""
