"""To whom anything of a patient was told: pharmacies, webhook endpoints, mail, programs with keys, links that were shared.

As 45 CFR 164.528 asks: the day, who received it, what it was, and why. Drawn from what is on record; nothing is kept for it alone.
"""
