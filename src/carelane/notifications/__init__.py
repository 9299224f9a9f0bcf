"""Notifications: mail to the people an organization named, telling that something happened, and never about whom.

    PENDING → SENDING → SENT
       ↑         ↓
       └──── (failed) → FAILED after eight attempts

One row per event and recipient; only the worker touches them. The row is claimed, the mail sent outside any transaction,
and the outcome written. A worker that dies in between leaves SENDING behind, which is taken up again after five minutes:
then a mail may arrive twice, but never not at all.
"""
