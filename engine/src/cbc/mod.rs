//! Cell Broadcast Centres: the Cell Broadcast Entity side of CBEP.
//!
//! ```text
//!  push ──messages──▶ pages ──booking──▶ identifier, serial number ──commit "may be asked for"──▶ Links
//!                                                                                                │
//!  scheduler ◀──Event── Link (one task per CBC) ── Course (one per message, pure) ◀── answers ── CBC
//! ```
//!
//! A link is one task with a bounded queue, its own connections and its own health, so that a
//! centre that hangs delays nobody but itself; its requests do not wait for each other either. What
//! to do next about a message is decided by [`course::Course`], which knows no socket and no clock.
//!
//! A request whose outcome is unknown is only ever repeated with the same message identifier and
//! serial number, in this process or the next: both are in the store before the first request. No
//! centre tells whether a phone received anything, so reports speak of cells and broadcasts.
//!
//! Not here: the pages themselves and the words of each centre (`pushcast-cbs`), what a failure
//! means for a delivery ([`report::fold`](crate::report::fold)).

mod area;
mod booking;
mod carried;
mod centre;
mod command_port;
mod content;
mod course;
mod event;
mod geojson;
mod link;
mod links;
mod messages;
mod numbers;
mod record;
pub mod simulator;
mod spec;
mod stats;
mod stored;
mod transport;

pub use area::areas_of;
pub use booking::{Booked, Booking, Bookings, NoRoom, Wish};
pub(crate) use carried::not_carried;
pub use centre::Centre;
pub use content::{Pages, Part, Unsendable, parts};
pub use course::{Came, Course, Nature, Stage, Step, Times, Trouble};
pub use event::{Ending, Event};
pub use geojson::{GeoJsonError, polygons_of_file};
pub use link::{Alert, Back, Full, Link, MAX_UNDER_WAY, Message};
pub use links::{LinkRefusal, Links};
pub use messages::{Draft, DraftError, Wanted, draft};
pub(crate) use messages::{place, wrong_word};
pub use numbers::Numbers;
pub(crate) use numbers::lease_name;
pub use record::{Record, RecordError};
pub use spec::{DEFAULT_QUEUE, LinkSpec, LinkSpecError, Speaks};
pub use stats::{LinkStats, OUTCOMES};
pub(crate) use stored::{broadcast, for_link, load, open_messages};
pub use transport::{Exchange, Transport, TransportError};
