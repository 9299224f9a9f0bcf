"""Invitations: a member of staff gets a link by mail, chooses a password and, at the first sign-in, a second factor.

Who is invited is a member from then on, without a password. An administrator invites, and `carelane apply` whoever stands in the
file and has no password. Inviting again sends another link, and the one before is over.
"""
