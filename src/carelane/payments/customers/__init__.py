"""Whom a gateway knows a patient as, and the card that the patient pays with there."""
