"""Entries of an organization file, each made of one record."""
