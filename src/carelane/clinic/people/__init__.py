"""The clinic's people as administrators change them: role, name, licenses; and who works here no more. There is always somebody left
who can do that: the last administrator stays one.
"""
