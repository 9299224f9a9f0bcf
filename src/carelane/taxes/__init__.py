"""Taxes: a percentage, where it is raised (locations; none means everywhere) and on what (a scope, with exemptions)."""
