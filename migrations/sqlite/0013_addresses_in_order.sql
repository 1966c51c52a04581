-- SQLite compares texts octet for octet already; PostgreSQL has to be told.
SELECT 1;
