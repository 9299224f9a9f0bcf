"""Payment plans: what is owed of charges, taken in instalments from a card that is kept.

The worker begins an instalment on its day at the plan's place: a payment like others from then on (`payments/moving/`), with the
table of declines. Never two at once: the plan waits while one is open, and goes on when it was paid or ended otherwise.
`charges/plans/` keeps the plan in step with what is owed.
"""
