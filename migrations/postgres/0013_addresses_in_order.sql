-- Reports page through addresses in the order of their octets, as the sums do.
ALTER TABLE delivery ALTER COLUMN address_key TYPE TEXT COLLATE "C";
