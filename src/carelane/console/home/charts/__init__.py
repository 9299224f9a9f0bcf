"""What the charts of the home page draw, and the tables beside them."""
