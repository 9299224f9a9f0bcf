"""The clinic as the billing dialect shows it: what its clients ask first."""
