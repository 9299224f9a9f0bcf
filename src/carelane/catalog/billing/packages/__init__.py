"""Packages of the billing dialect: the bundles of the catalogue, with how much of each item is in them."""
