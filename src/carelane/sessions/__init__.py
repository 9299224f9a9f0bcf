"""Accounts of staff: signing in with a password and, for whoever sees health information, a code; sessions; lockout.

An account's password hash, its sealed TOTP secret and its count of failures are columns of `staff`. `carelane apply` sets
them. A try to sign in is counted before it is judged, in a transaction of its own, so that many at once cannot get more
tries than one after the other.
"""
