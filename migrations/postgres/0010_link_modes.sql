-- What operators ask of links to Cell Broadcast Centres; a link without a row is open.
CREATE TABLE link_mode (
    link TEXT NOT NULL PRIMARY KEY,
    mode TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    by_user TEXT NOT NULL,
    reason TEXT NOT NULL
);
