"""What goes back at once: cash and the like, credit, and what a card paid as cash or credit."""
