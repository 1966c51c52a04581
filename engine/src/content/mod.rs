//! What is inside a push: the message as it goes on the air, and how it comes apart again.

pub mod message;
