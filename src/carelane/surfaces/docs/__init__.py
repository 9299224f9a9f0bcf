"""The API's own documentation: `/openapi.json` for programs, `/docs` for people.

The page is rendered from the document, works without script, and loads nothing from any other host.
"""
