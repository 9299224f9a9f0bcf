"""The search box: it stands on every page, and its answer is a page."""
