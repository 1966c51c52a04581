//! Integration tests of the engine: one binary, one module per room.

#[cfg(test)]
mod console;
mod store;
