//! What came of it: lane events become outcomes ([`fold`]), outcomes become notifications.

pub mod fold;
