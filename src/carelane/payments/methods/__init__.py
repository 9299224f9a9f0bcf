"""How a patient pays from now on, as a storefront says it: the card that a setup intent saved becomes the patient's, and that of the
payments which wait for one. Without a gateway the reference is kept with the payments that wait.
"""
