//! Integration tests of the engine: one binary, one module per room.

#[cfg(test)]
mod console;
#[cfg(test)]
mod store;
