"""An order as staff place it: filled in from what was decided, tried, and placed through the same preflight as a storefront's."""
