"""Keys and clients: who may call the API for the clinic, with what, and when it was last used. Secrets are shown once."""
