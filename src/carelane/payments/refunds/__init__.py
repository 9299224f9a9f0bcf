"""Refunds that staff grant, and that somebody with another right sends: GRANTED → SENDING, or CANCELED.

Nobody here moves money: the worker sees a refund that is SENDING and sends it (`payments/moving/`). What can be granted is what was
captured, less what went back, is in dispute or was granted before; it is read while the payment's row is locked, so that two at
once never come to more.
"""
