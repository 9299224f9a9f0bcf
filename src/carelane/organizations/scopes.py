"""What a credential may do, each scope with its meaning. A credential without a scope is answered 403."""

CASES_WRITE = "cases:write"
CASES_READ = "cases:read"
CATALOG_READ = "catalog:read"
ORDERS_WRITE = "orders:write"

MEANINGS: dict[str, str] = {
    CASES_WRITE: "create cases, with the patient, answers and payment they carry",
    CASES_READ: "read a case in full, health information included",
    CATALOG_READ: "list bundles and read their forms",
    ORDERS_WRITE: "place orders for prescriptions with a pharmacy",
}

ALL = frozenset(MEANINGS)
