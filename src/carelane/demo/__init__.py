"""`carelane demo`: a real server, a pharmacy and a webhook receiver in a folder of their own, and the story of a case told to
them over HTTP, from the storefront's form to the parcel at the patient's door.
"""
