"""HTTP, for whatever dialect: bodies, errors, paging, idempotency, the OpenAPI document. Knows nothing of clinics."""
