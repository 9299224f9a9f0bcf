"""Credit of patients, as the billing dialect's callers see and give it. What is spent of it is in `payments/spending/`."""
