"""Pricing: from what callers ask for to lines with exact amounts, the same for carts, quotes and charges.

`arithmetic` computes, `lines` checks and builds, `queries` holds the SQL that every table of lines shares. Knows neither carts
nor quotes. The rules, and what the vendor leaves open, are in `docs/design/pricing.md`.
"""
