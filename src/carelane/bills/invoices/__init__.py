"""Invoices: a patient is asked, by mail or text message, to pay what is owed, and led to the page where that is done.

    PENDING ──→ SENT ──→ PENDING (sent again)          ACTIVE ──→ PAID, when nothing of its charges is outstanding
       └──────→ FAILED ──→ PENDING (tried again)          └─────→ FAILED

An invoice is one message about some charges. The vendor's sets of invoices, which rules make, hold exactly one here: the set has the
invoice's id. `status` is the message's, `set_status` follows the money; a trigger keeps it.
"""
