"""Drugs as administrators keep them: what a storefront orders by a code, its strength, the product it belongs to."""
