"""Text messages: a small adapter to a provider, and a simulator of one that listens on loopback."""
