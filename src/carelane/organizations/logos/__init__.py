"""The picture by which a clinic shows itself on patients' pages and in mail, and another one for receipts, if it has one.

Published: whoever knows a picture's digest may see it. What a photo says of its camera and its place (EXIF) stays in it.
"""
