"""Branding: how an organization shows itself to people who have not signed in, and the link name they find it by.

One record of an organization: texts, colors and links of its storefront, its questions and answers, and what customers said.
Whoever asks for it needs no credential, so nothing else may stand in it. An organization without one is shown to nobody.
"""
