"""An organization's own words for the mail that patients get: subject, plain text and HTML, for each kind and language.

The rest of the house writes its mail as ever and lets `reads.in_own_words` put the organization's in its place, where it has some.
"""
