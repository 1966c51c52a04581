-- Which pushes have taken the place of one.
CREATE INDEX submission_replaces ON submission (replaces) WHERE replaces IS NOT NULL;
