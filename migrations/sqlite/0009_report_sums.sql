-- Sums of pushes that are over, by hour, so that a report over many need not read each. A push that
-- has been counted has summed = 1, none of it changes any more, and it is taken out of the sums when
-- it is forgotten; 2 is for one that is being counted.
ALTER TABLE submission ADD COLUMN summed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX submission_unsummed ON submission (closed_at_ms, id) WHERE summed = 0;
CREATE INDEX submission_summing ON submission (id) WHERE summed = 2;

-- kind says what name is: 'all' none, 'to' a normalised address, 'channel' and 'bearer' one of
-- those. workspace is empty for pushes that are not the console's. Of the pushes counted, the keys
-- lie between first_id and last_id.
CREATE TABLE report_sum (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    hour BIGINT NOT NULL,
    workspace TEXT NOT NULL,
    initiator TEXT NOT NULL,
    submissions BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    cancelled BIGINT NOT NULL,
    expired BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    transmissions BIGINT NOT NULL,
    transmissions_failed BIGINT NOT NULL,
    passes BIGINT NOT NULL,
    octets BIGINT NOT NULL,
    cells BIGINT NOT NULL,
    cells_asked BIGINT NOT NULL,
    notified BIGINT NOT NULL,
    not_notified BIGINT NOT NULL,
    first_id TEXT NOT NULL,
    last_id TEXT NOT NULL,
    PRIMARY KEY (kind, name, hour, workspace, initiator)
);

CREATE INDEX report_sum_empty ON report_sum (hour) WHERE submissions = 0;

-- How many transmissions took so long to their first packet; step is in ms, rounded down to a
-- percent. Each is counted in its hour (hours = 1) and in its day (hours = 24); slot is the number of
-- the one or the other.
CREATE TABLE report_wait (
    kind TEXT NOT NULL,
    hours BIGINT NOT NULL,
    name TEXT NOT NULL,
    slot BIGINT NOT NULL,
    workspace TEXT NOT NULL,
    initiator TEXT NOT NULL,
    step BIGINT NOT NULL,
    transmissions BIGINT NOT NULL,
    PRIMARY KEY (kind, hours, name, slot, workspace, initiator, step)
);

CREATE INDEX report_wait_empty ON report_wait (slot) WHERE transmissions = 0;
