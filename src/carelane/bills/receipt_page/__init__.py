"""The page on which a patient reads a receipt. Whoever has the link sees what was paid; what was sold, whoever proves to be the
patient."""
