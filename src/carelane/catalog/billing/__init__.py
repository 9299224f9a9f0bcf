"""The catalogue as the billing dialect sees it: a product is an item, a bundle is a package."""
