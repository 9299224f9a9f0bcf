"""Calendar: appointments between a patient and a provider, as a scheduling service reports them.

Nothing writes them yet; they are read with their case.
"""
