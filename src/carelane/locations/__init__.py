"""Locations of a clinic: where it sells, and therefore whose taxes are raised. An archived one stays where it was used."""
