-- Transport objects of a few octets stand in their row: no file has to reach the disk for each.
ALTER TABLE transmission ADD COLUMN object BLOB;

-- Which TOIs of a stretch are in use. Nothing asks by the time of the end any more.
CREATE INDEX transmission_toi ON transmission (channel, toi);
DROP INDEX transmission_ended;
