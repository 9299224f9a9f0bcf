"""Card payments at the desk, in two steps: what is to be paid is written down, then a kept card is charged for it."""
