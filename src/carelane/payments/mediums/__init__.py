"""How payments come, in the billing dialect's words: those that are built in, and a clinic's own external ones."""
