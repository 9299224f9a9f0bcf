"""The second factor of a member of staff: the secret of an authenticator app, and ten recovery codes.

    none ── begin: a secret that nobody but its owner is shown ──> pending ── a code of it is right ──> set ── reset by an administrator ──> none

Who has none and needs one sets it up at the first sign-in, with the password and a ticket of half an hour. The secret is shown as
long as it is pending, and never again; recovery codes are shown once, and only digests of them are kept. Each works once, and a wrong
one counts as a try to sign in does.
"""
