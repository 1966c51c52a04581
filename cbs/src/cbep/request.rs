//! Requests and answers as values.

/// Method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// DELETE
    Delete,
    /// POST
    Post,
}

/// A request to a CBC.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Request {
    /// The body.
    pub body: Vec<u8>,
    /// Headers beside Host and Content-Length.
    pub headers: Vec<(&'static str, &'static str)>,
    /// Method.
    pub method: Method,
    /// Path, with a leading slash.
    pub path: String,
}

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Takes a message off the air.
    Cancel,
    /// Puts a new message on the air.
    Submit,
    /// Puts a message in the place of another.
    Update,
}

/// One request of several; the next one is sent only after this one was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// What it does.
    pub operation: Operation,
    /// The request.
    pub request: Request,
}

/// An answer from a CBC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The body.
    pub body: &'a [u8],
    /// HTTP status.
    pub status: u16,
}
