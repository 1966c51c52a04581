-- Places to work in. No channel belongs to two.
CREATE TABLE workspace (
    name TEXT NOT NULL PRIMARY KEY,
    definition TEXT NOT NULL,
    changed_ms BIGINT NOT NULL
);

-- People. Never deleted: the audit names them. name_key is the name in small letters.
CREATE TABLE console_user (
    name TEXT NOT NULL PRIMARY KEY,
    name_key TEXT NOT NULL UNIQUE,
    full_name TEXT NOT NULL,
    password_hash TEXT,
    created_ms BIGINT NOT NULL,
    signed_in_ms BIGINT,
    tested_ms BIGINT,
    disabled_ms BIGINT,
    theme TEXT NOT NULL,
    workspace TEXT
);

-- Roles. waiting is 1 until a second administrator has agreed.
CREATE TABLE user_grant (
    user_name TEXT NOT NULL REFERENCES console_user (name),
    role TEXT NOT NULL,
    scope TEXT NOT NULL,
    given_by TEXT,
    given_ms BIGINT NOT NULL,
    waiting BIGINT NOT NULL,
    PRIMARY KEY (user_name, role, scope)
);

-- hash is of the secret in the cookie, which is nowhere else.
CREATE TABLE user_session (
    hash TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_name TEXT NOT NULL REFERENCES console_user (name),
    workspace TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    ends_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    source TEXT NOT NULL,
    agent TEXT NOT NULL
);

CREATE INDEX user_session_user ON user_session (user_name, ends_ms);
CREATE INDEX user_session_ends ON user_session (ends_ms);

-- Links by which people choose a password; the first one of a gateway has no user.
CREATE TABLE set_up_link (
    hash TEXT NOT NULL PRIMARY KEY,
    user_name TEXT,
    expires_ms BIGINT NOT NULL
);

-- Alerts. document is the whole of it; the other columns are for finding it.
CREATE TABLE alert (
    id TEXT NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL,
    state TEXT NOT NULL,
    waiting BIGINT NOT NULL,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL,
    severity TEXT NOT NULL,
    author TEXT NOT NULL,
    edited_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    changes BIGINT NOT NULL,
    document TEXT NOT NULL
);

CREATE INDEX alert_state ON alert (workspace, state, id);
CREATE INDEX alert_live ON alert (state, id) WHERE state IN ('scheduled', 'broadcasting');
CREATE INDEX alert_waiting ON alert (workspace, edited_ms) WHERE waiting = 1;
CREATE INDEX alert_ended ON alert (workspace, ended_ms) WHERE ended_ms IS NOT NULL;

-- Every edit of every version.
CREATE TABLE alert_version (
    alert_id TEXT NOT NULL REFERENCES alert (id),
    version BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    by_user TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (alert_id, version, revision)
);

-- Who did what to an alert, in order.
CREATE TABLE approval (
    alert_id TEXT NOT NULL REFERENCES alert (id),
    number BIGINT NOT NULL,
    act TEXT NOT NULL,
    version BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    by_user TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (alert_id, number)
);

-- Which submissions came from the console, what they are part of, and where they may go.
CREATE TABLE console_submission (
    submission_id TEXT NOT NULL PRIMARY KEY REFERENCES submission (id) ON DELETE CASCADE,
    workspace TEXT NOT NULL,
    alert_id TEXT,
    version BIGINT,
    language TEXT,
    part TEXT NOT NULL,
    directive TEXT NOT NULL
);

CREATE INDEX console_submission_alert ON console_submission (alert_id, version);
CREATE INDEX console_submission_workspace ON console_submission (workspace, submission_id);

CREATE TABLE template (
    id TEXT NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    revision BIGINT NOT NULL
);

CREATE INDEX template_workspace ON template (workspace, name);

-- Pushes that wait until somebody lets them go.
CREATE TABLE held_submission (
    submission_id TEXT NOT NULL PRIMARY KEY REFERENCES submission (id) ON DELETE CASCADE,
    since_ms BIGINT NOT NULL
);

CREATE TABLE initiator_setting (
    initiator TEXT NOT NULL PRIMARY KEY,
    workspace TEXT,
    needs_approval BIGINT NOT NULL
);

-- What operators ask of channels; a channel without a row is open.
CREATE TABLE channel_mode (
    channel TEXT NOT NULL PRIMARY KEY,
    mode TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    by_user TEXT NOT NULL,
    reason TEXT NOT NULL
);

-- How service areas lie on the map.
CREATE TABLE area_outline (
    area TEXT NOT NULL PRIMARY KEY,
    outline TEXT NOT NULL
);

-- Files that alerts and templates may name.
CREATE TABLE attachment (
    sha256 TEXT NOT NULL,
    workspace TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (sha256, workspace)
);

-- Rows of the audit since then say who is meant, where, what it was done to, and what it was and
-- became. The hash covers them where they are there.
ALTER TABLE audit ADD COLUMN who_kind TEXT;
ALTER TABLE audit ADD COLUMN workspace TEXT;
ALTER TABLE audit ADD COLUMN object TEXT;
ALTER TABLE audit ADD COLUMN before_value TEXT;
ALTER TABLE audit ADD COLUMN after_value TEXT;

CREATE INDEX audit_object ON audit (object, seq) WHERE object IS NOT NULL;
