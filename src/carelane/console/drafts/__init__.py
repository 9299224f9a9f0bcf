"""Drafts: where the script of the pages saves what is typed, `POST /console/drafts`."""
