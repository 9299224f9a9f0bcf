"""The invariants of money, as one function that says what breaks them (`check_money`).

1. No capture without approval.
2. No shipment without the payment that the organization demands.
3. One dispense per fill.
4. Captured = recorded: the gateway's list = intents = payments = ledger, to the cent, for each currency, test and live money apart;
   what is outstanding of a charge is what the ledger says; every event was told once.

`carelane reconcile` runs it on a whole installation, and the tests after whatever they did. It goes through payments, charges and
postings page by page, in the order of their keys, so that it needs little memory however many there are.
"""
