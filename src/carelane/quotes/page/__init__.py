"""The page on which a patient reads a quote and answers it: an unguessable link, and the proof of identity the quote asks for."""
