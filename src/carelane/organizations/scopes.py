"""What a credential may do, each scope with its meaning. A credential without a scope is answered 403."""

CASES_WRITE = "cases:write"
CASES_READ = "cases:read"
CATALOG_READ = "catalog:read"

MEANINGS: dict[str, str] = {
    CASES_WRITE: "create cases, with the patient, answers and payment they carry",
    CASES_READ: "read a case in full, health information included",
    CATALOG_READ: "list bundles and read their forms",
}

ALL = frozenset(MEANINGS)
