"""GET and PATCH /api/v1/users/me: a patient sees and changes their own profile (`patients/profiles`)."""
