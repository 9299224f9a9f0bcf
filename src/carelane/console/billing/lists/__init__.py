"""Lists of payments, refunds and credit of the whole clinic."""
