"""The audit: searching it and taking it away, what of a patient was disclosed, and who may see a patient."""
