"""Signing in with a one-time code, and staying signed in with refresh tokens.

    code:    sent ── used | replaced by a newer one | 5 wrong guesses | 5 minutes over ──> worthless
    family:  open ── logged out | a refresh token used twice | 30 days unused | 90 days over ──> over

A code is six digits of which only a keyed digest is stored. Whoever asks for one gets the same answer at the same time, whether
the clinic knows the address or not, and the same limits. A guess is counted before it is judged, in a transaction of its own,
so that many at once get no more guesses than one after the other.

A family is a session of the patient (`sessions/`). Each refresh token is used once and replaced; a token that is used again has
been stolen, from one side or the other, so the family ends. Access tokens name their family and are good for 15 minutes, or
until it ends.
"""
