"""What staff do with an appointment: they say who missed it, or that nobody did after all."""
