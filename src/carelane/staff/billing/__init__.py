"""The clinic's staff as the billing dialect shows them: providers, read only."""
