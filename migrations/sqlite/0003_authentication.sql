-- How the gateway knew who submitted; of older submissions it claims nothing.
ALTER TABLE submission ADD COLUMN authentication TEXT NOT NULL DEFAULT 'network';
