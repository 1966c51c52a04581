//! Posts result notifications to PIs (PAP 5.2 and 8.6).

#[cfg(test)]
pub(crate) mod peer;
pub(crate) mod transport;
