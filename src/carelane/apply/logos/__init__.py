"""An organization's logos, in its file."""
