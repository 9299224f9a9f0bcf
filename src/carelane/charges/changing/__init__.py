"""What a caller changes on a charge beside its money: what is written on it, who sold it, and that it is archived."""
