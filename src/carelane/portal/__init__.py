"""The patient portal of the care dialect: patients sign in with a one-time code and see what is theirs.

A storefront calls on a patient's behalf, with its own key and, once the patient has signed in, the patient's access token.
"""
