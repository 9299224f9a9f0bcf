"""What is planned to be paid of charges: a plan's instalments, kept in step with what is owed.

A charge is PAYMENT_PLAN while a plan for it runs. What is scheduled, with the instalment that is being taken, always comes to what is
outstanding of the plan's charges: whatever lowers that shortens the plan from its end, and nothing outstanding ends it. A refund does
not change what is outstanding, and so not the plan. `payments/plans/` makes plans and takes instalments.

    RUNNING → ENDED | CANCELED

Lock order: case, payment, charges, plan.
"""
