"""Users of the care dialect: patients as a storefront finds, makes and changes them by their e-mail address, without a case.

An e-mail address is no person. A new user needs an address that nobody here has: whoever shares one comes with a case. Where
several share one, an edit has to say the first name and the birth date of the one it means.
"""
