"""Reports by month, product, person and state; and the rows behind each figure."""
