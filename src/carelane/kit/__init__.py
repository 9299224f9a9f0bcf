"""The tool box: database, errors, encryption, files, money, time.

Nothing in here knows of clinics, patients or orders, and nothing in here imports a feature. A feature may use any of it.
"""
