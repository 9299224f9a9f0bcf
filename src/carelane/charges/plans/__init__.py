"""What is planned to be paid of charges: a plan's instalments, kept in step with what is owed.

A charge is PAYMENT_PLAN while a plan for it runs. What is scheduled, with the instalment that is being taken, comes to what is
outstanding of the plan's charges: whatever lowers that shortens the plan from its end, what raises it again lengthens it, and nothing
outstanding ends it. No instalment is ever for more than was agreed, except that the last takes what an instalment that came to nothing
did not bring. So a tip, or an adjustment upwards, is in an instalment only where one had room; what is more than was agreed in all is
never taken by the plan, and is OUTSTANDING once that has ended. A refund does not change what is outstanding, and so not the plan.
`payments/plans/` makes plans and takes instalments.

    RUNNING → ENDED | CANCELED

Lock order: case, payment, charges, plan. Whoever brings a charge up to date locks its plan; so whoever does so with several, or with an
instalment, which brings the whole plan up to date, has all those charges locked by then.
"""
