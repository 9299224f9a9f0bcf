"""Links by which a member of staff sets a password: an invitation, or a reset of a password that was forgotten.

    open ── used | revoked | expired ──> over

The token in a link is signed and kept nowhere; the row of the link says whether it is good, and is used once. A mail is written as
it leaves: by then the link may be over, and nothing is sent.
"""
