-- Transport objects of a few octets stand in their row: no file has to reach the disk for each.
ALTER TABLE transmission ADD COLUMN object BLOB;
