"""The way to the database: through a PgBouncer, to a primary that takes no writes any more, over connections that break."""
