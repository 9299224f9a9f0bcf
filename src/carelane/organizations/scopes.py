"""What a credential may do, each scope with its meaning. A credential without a scope is answered 403."""

CASES_WRITE = "cases:write"
CASES_READ = "cases:read"
CATALOG_READ = "catalog:read"
CATALOG_WRITE = "catalog:write"
ORDERS_WRITE = "orders:write"
PATIENTS_READ = "patients:read"
PATIENTS_WRITE = "patients:write"
BILLING_READ = "billing:read"
BILLING_WRITE = "billing:write"

MEANINGS: dict[str, str] = {
    CASES_WRITE: "create cases, with the patient, answers and payment they carry",
    CASES_READ: "read a case in full, health information included",
    CATALOG_READ: "list bundles and read their forms; list items, packages, taxes, locations and providers",
    CATALOG_WRITE: "change items, packages, taxes and locations",
    ORDERS_WRITE: "place orders for prescriptions with a pharmacy",
    PATIENTS_READ: "list and read patients and their tags",
    PATIENTS_WRITE: "create, change and archive patients and their tags",
    BILLING_READ: "list and read carts, quotes and charges, with the patients they are for",
    BILLING_WRITE: "create and change carts and quotes, send quotes, answer them for patients, make charges",
}

ALL = frozenset(MEANINGS)
