"""The accounts with the payment gateway: one for test money, one for live money. Keys go in and are never shown; what is begun with an
account ends with it, whether it is switched off or not.
"""
