"""Staff in an organization file: members and their licenses; who has no password is invited."""
