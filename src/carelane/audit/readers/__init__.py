"""Who may see a patient, by which permission, and whether they have: members of staff by their roles, programs by their scopes."""
