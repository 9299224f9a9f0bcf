"""Disputes of all payments: what a bank took back, or wants to, and what a clinic has to answer it with."""
