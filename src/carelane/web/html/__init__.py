"""Pages: what every page of ours has in common, whoever it is for.

`pages` renders (one way to make a Jinja environment, the layouts in `templates/`), `security` has the headers and the check that
a request comes from a page of ours, `cookies` the rules for cookies, `forms` reads forms and guards them, `assets` serves files
that browsers may keep. Every page works without script; nothing is loaded from another host.
"""
