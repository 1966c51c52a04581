-- Only objects in files are looked for by their hash: hashes are spread over the whole index, so
-- that each row of a commit would cost it a page.
DROP INDEX transmission_object;
CREATE INDEX transmission_object ON transmission (object_sha256) WHERE object IS NULL;
