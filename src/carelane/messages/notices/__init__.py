"""Notices: mail to the people an organization named, telling that something happened, and never about whom.

The dispatcher queues one message for each event and recipient, in the transaction in which it takes the event up. Where no mail
server is set, or nobody was named, nothing happens at all.
"""
