"""Secrets for storefronts that let their visitors enter cards with the gateway's own script: each is of one setup or payment intent
in the organization's own account. Nothing is kept here; the intent's id comes back with a case, and is verified then.
"""
