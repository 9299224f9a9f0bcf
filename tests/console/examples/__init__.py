"""An example of each page and each form, in a file for each part of the navigation."""
