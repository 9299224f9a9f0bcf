"""What holds for every route of the billing dialect."""
