"""Cards that are kept at the gateway, as the front desk sees them: set up by the gateway's own fields, shown, taken away. A card's
number is never here: a card is what a setup intent of the gateway's saved.

    set up ⇄ archived

A row is there for each card that was ever kept for a patient, by a case, on a page or here: a trigger of `gateway_customers` makes it.
"""
