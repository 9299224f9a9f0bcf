"""A clinic's own words for how a payment came that was made outside: a transfer, a voucher, a till of its own.

    good ⇄ archived

A name that was deleted stands on the payments that came by it, and no new one can be said to.
"""
