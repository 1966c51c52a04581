//! FDT Instances: the XML documents on TOI 0 that describe the files of a session.
//!
//! [`Instance`] and [`File`] are what an FDT says, [`Instance::write`] and [`Instance::read`] are
//! its XML form (RFC 3926 3.4.2, RFC 6726 3.4.2, TS 26.346 7.2.10), and [`decode_cenc`] undoes the
//! content encoding of the document itself. A sender writes one form, [`Profile::GeneralV1`]; a
//! receiver takes every form that is known to be sent: FLUTE v1 and v2, the 3GPP form of 2022, no
//! namespace at all, any prefix.
//!
//! This module is not the object on TOI 0: EXT_FDT, EXT_CENC, EXT_FTI and the reassembly belong
//! to the packet layers, and what an instance's expiry means for a file belongs to the receiver.
//!
//! Invariants: a [`File`] that was read has a TOI other than 0 and a Content-Location, no two of
//! an instance share a TOI, and defaults of the FDT-Instance element have been merged into it.
//! What cannot be used costs one entry ([`Instance::skipped_files`]), not the whole instance.
//!
//! Not implemented: Base-URL and Alternate-Content-Location, Decryption-KEY-URI,
//! FEC-Redundancy-Level, IndependentUnitPositions and MBMS-Session-Identity are ignored when read
//! and never written.

mod cenc;
mod model;
mod xml_attributes;
mod xml_read;
mod xml_write;

#[cfg(test)]
mod tests;

pub use cenc::{CencError, decode_cenc};
pub use model::{CacheControl, File, Instance, OtiAttributes, Profile};
pub use xml_read::{
    FdtError, MAX_ATTRIBUTES, MAX_DEPTH, MAX_FDT_BYTES, MAX_FILES, MAX_GROUPS, MAX_LOCATION_BYTES,
    MAX_TOKEN_BYTES,
};
