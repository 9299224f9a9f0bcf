"""What of a charge's money is shown: payments, refunds, what staff took back, and what failed, in the billing dialect's shapes."""
