"""The way through the queue.

filters        what is read
───────        ────────────
usual          of each state the first of an index that has them in order; what an index has none but such rows of is one of its own
few have it    those few, by their ids: how a short id begins, a product
"""
