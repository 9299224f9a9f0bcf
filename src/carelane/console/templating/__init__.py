"""The page of templates: replies and decisions that are used again and again, one's own and the clinic's."""
