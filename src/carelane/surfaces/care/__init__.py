"""The care dialect: `cv-api-key` or a bearer token, and an error body that differs from page to page of the vendor.

`credentials` lets callers in, `formats` shapes errors, `case_actions` is the URL that takes many actions on a case, `routers`
puts them together.
"""
