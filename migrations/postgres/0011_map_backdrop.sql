-- Lines that are drawn under the areas on every map; at most one row.
CREATE TABLE map_backdrop (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    definition TEXT NOT NULL,
    changed_ms BIGINT NOT NULL
);
