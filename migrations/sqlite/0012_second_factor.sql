-- Second factors (RFC 6238). secret is in base32 and goes out once, when it is made; without
-- confirmed_ms it counts for nothing yet. last_step is the step of the last code that was taken: no
-- code counts twice. recovery holds hashes of the codes that are left, as a JSON list.
CREATE TABLE second_factor (
    user_name TEXT NOT NULL PRIMARY KEY REFERENCES console_user (name),
    secret TEXT NOT NULL,
    confirmed_ms BIGINT,
    last_step BIGINT NOT NULL,
    recovery TEXT NOT NULL
);

-- Sign-ins that wait for the code. hash is of the word in the form, which is nowhere else.
CREATE TABLE code_ticket (
    hash TEXT NOT NULL PRIMARY KEY,
    user_name TEXT NOT NULL REFERENCES console_user (name),
    expires_ms BIGINT NOT NULL
);
