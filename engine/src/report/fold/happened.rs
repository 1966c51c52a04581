//! What is folded, and what has to follow.

/// What a lane or a CBC said of a transmission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// Its carousel is over: all passes, or stopped.
    Complete,
    /// Its window closed.
    Expired,
    /// It cannot be sent.
    Failed,
    /// Its first packet left; the first request to the CBC did.
    FirstPacket,
    /// The CBC did nothing: somebody else has a message under this identifier.
    Occupied(u16),
    /// So many passes are complete; the CBC has taken it.
    PassDone(u32),
    /// The CBC or its cells refused it, and why.
    Refused(String),
    /// More is known of where it is broadcast.
    Told(String),
    /// Its window closed and nobody knows what the CBC did.
    Unknown,
    /// Something keeps it from the air for the moment; nothing does where this is empty.
    Waits(String),
}

/// What has to be done beside storing the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowUp {
    /// Nothing.
    None,
    /// Plan the delivery again: another channel may carry it.
    Replan,
}
