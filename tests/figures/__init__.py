"""Figures of each day."""
