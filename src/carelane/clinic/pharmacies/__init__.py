"""The pharmacies that a clinic orders from, as administrators make and change them. A secret is shown once; one that is switched off
gets no new orders, and tells of the old ones as before.
"""
