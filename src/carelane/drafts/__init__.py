"""Drafts: what a member of staff has typed into a form about a record and not sent yet.

One row for each member, record and form, sealed. It is saved whenever there is a pause, is there again on whatever device the
member opens the record, is gone once the form was sent, and after thirty days. Nobody else sees it: no event tells of it.
"""
