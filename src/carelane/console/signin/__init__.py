"""The door of the console: signing in, accepting an invitation, setting up a second factor, choosing a password that was forgotten.

Pages for who has no session yet. No other site's page can send their forms (`Sec-Fetch-Site`), and nothing but a password, a code or a
link opens anything. The demo's links are here, too.
"""
