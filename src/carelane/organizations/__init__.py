"""Organizations: the clinics whose patients, cases and money live here, and the credentials their software holds.

An organization is the tenant. Everything else belongs to exactly one, and a request knows which from its credential
alone. Credentials are keys (header `cv-api-key`) and clients (`POST /oauth/token`); a credential is

    active ── revoke ──> revoked

and never becomes active again: a new one is made instead. Scopes say what it may do (`permissions.py`). Organizations and
credentials are made by `carelane apply FILE` (`apply/`); nobody makes them over HTTP.
"""
