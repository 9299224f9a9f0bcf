"""Forms that bundles show, as the organization file has them, and the red flags of their questions."""
