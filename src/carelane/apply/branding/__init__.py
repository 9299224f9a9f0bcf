"""How the organization of a file shows itself to people who have not signed in."""
