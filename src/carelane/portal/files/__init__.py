"""/api/v1/users/me/files: a patient's documents, those of their cases and those of no case.

A patient sees what lies at their cases and is not restricted, and what they uploaded themselves. A file that is not there, is
another's, is restricted or was deleted is "not found", all alike. Only who uploaded a file renames or deletes it; a deleted one
keeps its row and its bytes, because it belongs to a record of care.
"""
