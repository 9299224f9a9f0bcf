"""Lists of charges: filtered, sorted and counted among hundreds of thousands."""
