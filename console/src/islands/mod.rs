//! What runs in the browser, each rendered on the server first.
//!
//! Small and leaf-like: they get plain data as props, and give theirs back through the form that
//! they stand in. A page without them is less comfortable, never less able. A page has one stream
//! at most: browsers allow six connections to a host.

mod copy;
mod live;
mod message;
mod picker;
mod polygon;
mod session_clock;

pub use copy::CopyButton;
pub use live::LiveBoard;
pub use message::MessageEditor;
pub use picker::{Choice, Picker};
pub use polygon::{PolygonEditor, Surroundings};
pub use session_clock::SessionClock;
