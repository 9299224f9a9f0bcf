"""The receipt of a payment: what was sold, taxes, discounts, how it was paid, what went back; and who the clinic is."""
