"""Photos of locations: one for each, shown to whoever has its link, because patients' pages show it."""
