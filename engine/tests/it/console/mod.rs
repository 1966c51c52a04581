//! The console's door, told as stories of a whole gateway without HTTP, on SQLite and, when
//! `PUSHCAST_TEST_POSTGRES` holds the address of a server, on PostgreSQL.

mod alerts;
mod areas;
mod beginnings;
mod channels;
mod desk;
mod elsewhere;
mod factor;
mod http;
mod links;
mod lists;
mod names;
mod people;
mod proficiency;
mod rights;
mod speed;
