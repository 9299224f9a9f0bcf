"""What a storefront shows of the catalogue to people who have not signed in: visible bundles, and the forms they ask."""
