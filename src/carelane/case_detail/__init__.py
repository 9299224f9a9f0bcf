"""The whole of a case in one answer (seed 002).

One statement gathers it: every noun's folder brings the SQL of its own part, and PostgreSQL builds the JSON. Sealed texts are
opened here, and documents are inlined or linked. The read is recorded in the same transaction.
"""
