"""Payments that were made elsewhere, as storefronts tell of them (`POST /api/v1/customer-payment-confirmation`).

Each confirmation is kept, and is about one EXTERNAL payment of the case: a new one, or the one whose status it changes.

    UNPAID, ERROR ──> PAID ──> REFUND · IN_DISPUTE ──> PAID · LOST_DISPUTE
                       └──> UNPAID, CANCELED, ERROR: it was never paid after all; paid once more, it is another payment

The ledger follows each step with the difference. What goes back of money that nobody ever said was paid moves nothing.
"""
