-- Definitions: seeded from the configuration file, never changed by it.
CREATE TABLE initiator (
    name TEXT NOT NULL PRIMARY KEY,
    definition TEXT NOT NULL,
    changed_ms BIGINT NOT NULL
);

CREATE TABLE alias_group (
    name TEXT NOT NULL PRIMARY KEY,
    definition TEXT NOT NULL,
    changed_ms BIGINT NOT NULL
);

CREATE TABLE service_area (
    name TEXT NOT NULL PRIMARY KEY,
    definition TEXT NOT NULL,
    changed_ms BIGINT NOT NULL
);

CREATE TABLE channel (
    name TEXT NOT NULL PRIMARY KEY,
    definition TEXT NOT NULL,
    changed_ms BIGINT NOT NULL
);

-- One push-message as accepted. next_ms is when the scheduler looks at it next: the due time,
-- the end of a claim, or the time of a retry. attempts counts claims and is the claim's token.
-- origin_push_id and revision tell where it stands in a chain of replacements.
CREATE TABLE submission (
    id TEXT NOT NULL PRIMARY KEY,
    initiator TEXT NOT NULL,
    push_id TEXT NOT NULL,
    replaces TEXT,
    origin_push_id TEXT NOT NULL,
    revision BIGINT NOT NULL,
    request_sha256 TEXT NOT NULL,
    pap_version TEXT NOT NULL,
    pi_lists_versions BIGINT NOT NULL,
    received_ms BIGINT NOT NULL,
    due_ms BIGINT NOT NULL,
    deliver_after_ms BIGINT,
    deliver_before_ms BIGINT NOT NULL,
    deliver_before_given BIGINT NOT NULL,
    source_reference TEXT,
    notify_url TEXT,
    progress_notes BIGINT NOT NULL,
    quality_of_service TEXT,
    priority BIGINT NOT NULL,
    content_type TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB,
    body_sha256 TEXT,
    body_bytes BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_ms BIGINT NOT NULL,
    claimed_by TEXT,
    closed_at_ms BIGINT,
    UNIQUE (initiator, push_id)
);

CREATE INDEX submission_due ON submission (priority, next_ms) WHERE state = 'queued';
CREATE INDEX submission_open ON submission (deliver_before_ms, state) WHERE closed_at_ms IS NULL;
CREATE INDEX submission_closed ON submission (closed_at_ms) WHERE closed_at_ms IS NOT NULL;
CREATE INDEX submission_body ON submission (body_sha256) WHERE body_sha256 IS NOT NULL;

-- One address of a submission.
CREATE TABLE delivery (
    id TEXT NOT NULL PRIMARY KEY,
    submission_id TEXT NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    address_raw TEXT NOT NULL,
    address_key TEXT NOT NULL,
    state TEXT NOT NULL,
    code BIGINT NOT NULL,
    description TEXT NOT NULL,
    event_ms BIGINT NOT NULL,
    bearer TEXT
);

CREATE INDEX delivery_submission ON delivery (submission_id, position);

-- One delivery on one channel. ended_ms is set exactly when the state is one that is over.
CREATE TABLE transmission (
    id TEXT NOT NULL PRIMARY KEY,
    submission_id TEXT NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    delivery_id TEXT NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    bearer TEXT NOT NULL,
    required BIGINT NOT NULL,
    priority BIGINT NOT NULL,
    toi BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    object_sha256 TEXT NOT NULL,
    transfer_bytes BIGINT NOT NULL,
    content_bytes BIGINT NOT NULL,
    gzip BIGINT NOT NULL,
    content_md5 BLOB NOT NULL,
    fec_encoding_id BIGINT NOT NULL,
    oti BLOB NOT NULL,
    content_location TEXT NOT NULL,
    content_type TEXT NOT NULL,
    plan_passes BIGINT,
    plan_delay_ms BIGINT NOT NULL,
    plan_interval_ms BIGINT,
    plan_until_ms BIGINT NOT NULL,
    plan_repair_percent BIGINT NOT NULL,
    state TEXT NOT NULL,
    passes_done BIGINT NOT NULL,
    planned_ms BIGINT NOT NULL,
    first_packet_ms BIGINT,
    transmitted_ms BIGINT,
    ended_ms BIGINT,
    description TEXT NOT NULL
);

CREATE INDEX transmission_submission ON transmission (submission_id);
CREATE INDEX transmission_delivery ON transmission (delivery_id);
CREATE INDEX transmission_running ON transmission (channel, toi) WHERE ended_ms IS NULL;
CREATE INDEX transmission_ended ON transmission (channel, ended_ms) WHERE ended_ms IS NOT NULL;
CREATE INDEX transmission_object ON transmission (object_sha256);

-- Result notifications to post: one per delivery that reached a final state.
CREATE TABLE outbox (
    delivery_id TEXT NOT NULL PRIMARY KEY REFERENCES delivery (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_ms BIGINT NOT NULL,
    state TEXT NOT NULL,
    last_error TEXT
);

CREATE INDEX outbox_due ON outbox (next_ms) WHERE state = 'waiting';

-- What a channel's FLUTE session has given out.
CREATE TABLE flute_session (
    channel TEXT NOT NULL PRIMARY KEY,
    tsi BIGINT NOT NULL,
    next_toi BIGINT NOT NULL,
    next_fdt_id BIGINT NOT NULL,
    epoch BIGINT NOT NULL
);

CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);

-- Push-ids of submissions that are gone.
CREATE TABLE used_push_id (
    initiator TEXT NOT NULL,
    push_id TEXT NOT NULL,
    request_sha256 TEXT NOT NULL,
    received_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    PRIMARY KEY (initiator, push_id)
);

CREATE INDEX used_push_id_until ON used_push_id (until_ms);

-- What initiators have submitted, by day of UTC counted from 1970.
CREATE TABLE quota_use (
    initiator TEXT NOT NULL,
    day BIGINT NOT NULL,
    submissions BIGINT NOT NULL,
    addresses BIGINT NOT NULL,
    PRIMARY KEY (initiator, day)
);

CREATE INDEX quota_use_day ON quota_use (day);

-- Who did what and what was refused. Rows are only ever added; each hash covers the one before.
CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    who TEXT,
    source TEXT,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    number BIGINT NOT NULL,
    hash TEXT NOT NULL
);
