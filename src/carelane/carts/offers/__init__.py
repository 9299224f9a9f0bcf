"""Offers: what a cart knows of the quotes made from it. It shows them, and ends those nobody answered when it ends itself.

Making, changing and answering quotes is in `carelane.quotes`, which builds on this.
"""
