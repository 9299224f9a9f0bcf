"""Finding patients by a part of what they are known by, however many there are.

Row-level security lets no index be used for a condition that is not leakproof (LIKE, strpos, lower). So a part of a word is looked for
in the newest patients, and in all others what begins with the text, as the tokens of search have it (migration 0027).
"""
