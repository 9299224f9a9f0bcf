"""The order of a case: filled in from the decision, tried, and placed. What the preflight finds stands at its field."""
