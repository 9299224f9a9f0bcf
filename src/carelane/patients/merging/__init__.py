"""Merging: staff find that two records are one person. One stays; what was the other's follows; all of it can be undone.

    apart → merged → apart (undone)

The record that was merged keeps its own details and is archived. Its id, and its e-mail address, stand for the one that stayed.
"""
