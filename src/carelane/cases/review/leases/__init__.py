"""Leases: who looks after a case just now, so that nobody works on it twice without knowing.

A lease is two columns of the case: by whom, and until when. "Next case" deals the first case that fits and that nobody else looks
after; opening a case, and every act on it, renews the lease for 15 minutes. It ends by itself, or when the case is decided,
archived, given to somebody else or laid down. It forbids nothing: what may be done is up to the case's state (`review/states.py`).
"""
