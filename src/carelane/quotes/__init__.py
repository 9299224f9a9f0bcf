"""Quotes: what a cart held, offered to its patient, who accepts or declines.

    DRAFT ──→ SENT ──→ VIEWED ──→ ACCEPTED ──→ CONVERTED
                          ├──→ DECLINED
                          └──→ EXPIRED

A sent quote locks its cart; the answer moves it. Every act locks the cart's row first, then the quote's.
"""
