"""Payments: what a case's storefront says was or will be paid, what is taken for it, and what goes back.

Status, as the dialects say it: UNPAID → PAID → REFUND; UNPAID → CANCELED; PAID → IN_DISPUTE → PAID or LOST_DISPUTE; ERROR. Where a
payment stands here is its stage (`states.py`). Without a gateway a case's payment is a reference that is kept, and no money moves.

    UNCHECKED ──> WAITING ──approved──> DUE ──> DONE
                     │                 │ ^
                     │                 v │
                     │   NEEDS_PATIENT, NEEDS_CARD, NEEDS_STAFF
                     └──rejected, closed──> RELEASING ──> DONE

A room imports only from those below it (the layers are in `pyproject.toml`):

    desk/           what staff see of payments, and do about one that is stuck
    page/           where a patient confirms a payment or gives another card
    methods/        how a patient pays from now on, as a storefront says it
    storefront/     secrets for storefronts that show the gateway's own card fields
    moving/         the worker: one step of one payment, committed before the gateway is called
    reconciling/    the worker: catches up on what no webhook told, and compares the gateway's balance with the ledger
    invariants/     what must always be true of money; reads only; `carelane reconcile` and the tests run it
    gate/           whether an order may leave yet
    refunds/        refunds that staff grant, and others send
    confirmations/  payments made elsewhere, as storefronts report them
    intake/         what a case brings to pay with, verified before the case is written
    inbox/          events from gateways: stored, then applied
    checkouts/      the gateway's own pages, on which a patient enters a card
    decided.py      what a decision on the case means for its money
    links/          the link to a payment's page, and the messages that bring it
    settling/       the one way in for whatever a gateway says; where the payment stands then, and what is next
    accounts/       an organization's gateway accounts and terms
    customers/      whom a gateway knows a patient as
    gateways/       the protocol of gateways, and an adapter for each
"""
