"""Offers: what a cart knows of the quotes made from it. It shows them, and ends those nobody answered when it ends itself.

Making, changing and answering a quote is in `carelane.quotes`, which builds on this; a quote moves its cart, never the other way
around.
"""
