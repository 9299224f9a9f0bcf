"""One's own sessions: which there are, and ending them."""
