"""`/console/payments/{payment}`: one payment, and giving back what was taken: granted, then sent, each with the amount typed again."""
