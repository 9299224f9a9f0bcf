"""Documents: files that belong to a case, given as answers or attached to comments.

The bytes are sealed in file storage; the row says whose they are. They leave as base64 in an answer, or through a link that
works for 15 minutes, for one file, without credentials.
"""
