"""The clinic's people, for administrators: who there is, inviting, and what helps who cannot come in."""
