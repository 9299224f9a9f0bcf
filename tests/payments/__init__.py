"""Payments: what is taken, given back and recorded, against the gateway simulator."""
