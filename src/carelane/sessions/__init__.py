"""Sessions: one table and one way in for people. `access.py` is the door from a session's token to its person.

Staff sign in with a password and, if they see health information, a code. An account's password hash, its sealed TOTP secret
and its count of failures are columns of `staff`; `carelane apply` sets them. A try to sign in is counted before it is judged,
in a transaction of its own, so that many at once get no more tries than one after the other. A session of a patient is a row
of the same table; it opens nothing that is for staff.

    open ── signed out | expired | idle for too long | the member deactivated ──> over
"""
