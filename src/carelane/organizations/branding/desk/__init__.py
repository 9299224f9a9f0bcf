"""How the organization shows itself, as administrators keep it: its name, and what storefronts are told of its look."""
