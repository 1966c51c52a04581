-- Cell Broadcast messages: what one message identifier and serial number stand for at one CBC. Those
-- of a transmission have its channel and TOI. A row exists before the centre is asked and stays
-- until its serial number has rested (released = 1), so that no other text gets the number meanwhile.
CREATE TABLE cbs_message (
    id TEXT NOT NULL PRIMARY KEY,
    submission_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    link TEXT NOT NULL,
    toi BIGINT NOT NULL,
    position BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    serial BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    pages_sha256 TEXT NOT NULL,
    broadcast TEXT NOT NULL,
    earlier TEXT,
    stamps TEXT NOT NULL,
    state TEXT NOT NULL,
    planned_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    taken_ms BIGINT,
    killed_ms BIGINT,
    ended_ms BIGINT,
    cells_installed BIGINT,
    cells_failed BIGINT,
    broadcasts_done BIGINT,
    description TEXT NOT NULL,
    released BIGINT NOT NULL
);

CREATE UNIQUE INDEX cbs_message_serial ON cbs_message (link, message_id, serial) WHERE released = 0;
CREATE INDEX cbs_message_object ON cbs_message (channel, toi);
CREATE INDEX cbs_message_submission ON cbs_message (submission_id);

-- Message codes that a link has given out under a message identifier.
CREATE TABLE cbs_session (
    link TEXT NOT NULL,
    message_id BIGINT NOT NULL,
    next_code BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    PRIMARY KEY (link, message_id)
);
