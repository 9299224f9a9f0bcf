"""An organization's own words for mail, in its file."""
