"""The page on which a patient sees what is owed and pays it, one charge at a time, on the gateway's own page."""
