"""The page on which a patient confirms a payment that the bank wants confirmed, or has it made with another card.

Nothing of a card is ever entered here: the patient is led to the gateway's own page and comes back. What happened there is read
from the gateway, by whoever hears of it first.
"""
