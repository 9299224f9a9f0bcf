"""All cases of a time, a page at a time, each as the case detail shows it.

A page costs two round trips, however many cases are on it: one statement gathers it, and the other records who saw which. It ends
early when it would hold more than MAX_PAGE_BYTES.
"""
