"""One's own account: password, second factor, recovery codes, sessions, and signing out."""
