//! Cell Broadcast, without any I/O: from text or octets to pages, from pages to text, and the
//! requests that bring them to a Cell Broadcast Centre (CBC).
//!
//! ```text
//!  text ──▶ text::encode ─┐                 ┌▶ page, cbch      GSM: 88 octets, 4 blocks each
//!                         ├▶ message ───────┼▶ cb_data         UMTS, LTE, NR: all pages at once
//!  WSP push ─▶ push ──────┘  serial number  └▶ cbep            requests to a CBC, answers from it
//!                            from allocator
//! ```
//!
//! | subject | module | source |
//! |---|---|---|
//! | text, alphabet, packing | [`text`], [`alphabet`], [`septets`], [`language`] | TS 23.038 5, 6 |
//! | data coding scheme | [`dcs`] | TS 23.038 5 |
//! | pages, messages, their reassembly | [`page`], [`message`], [`cbch`], [`reassembly`] | TS 23.041 9.4.1, TS 44.012 |
//! | pages of UMTS, LTE, NR | [`cb_data`] | TS 23.041 9.4.2 |
//! | serial numbers | [`serial`], [`allocator`] | TS 23.041 9.4.1.2.1 |
//! | message identifiers | [`message_id`] | TS 23.041 9.4.1.2.2 |
//! | earthquake and tsunami warnings | [`etws`] | TS 23.041 9.4.1.3 |
//! | shapes that phones compare with their place | [`wac`], [`geometry`] | TS 23.041 9.3.63, ATIS-0700041 |
//! | areas and cells | [`area`] | TS 23.003 |
//! | air time | [`capacity`] | TS 44.012 |
//! | binary push | [`push`], [`wsp`] | WDP 6.8, WSP 8 |
//! | requests to CBCs and their answers | [`cbep`] | osmo-cbc 0.5.3, CAP 1.2 |
//! | Common Alerting Protocol | [`cap`] | OASIS CAP-v1.2 |
//! | captures | [`gsmtap`], [`pcap`] | |
//!
//! Nothing here asks for the time, opens a socket or a file, or starts a thread: what a function
//! needs is passed in. Retries, time-outs and what to do about an unknown outcome belong to the
//! caller. Input from outside becomes a valid type or an error value, never a panic; whatever an
//! outside party can make grow has a `MAX_` constant beside it.
//!
//! Not implemented: compression (TS 23.042), national language tables (phones discard what needs
//! them), schedule messages and DRX, the protocols behind the CBC (CBSP, SABP, SBc-AP, N50).

#![forbid(unsafe_code)]

pub mod allocator;
pub mod alphabet;
pub mod area;
pub mod cap;
pub mod capacity;
pub mod cb_data;
pub mod cbch;
pub mod cbep;
pub mod dcs;
pub mod etws;
pub mod fuzzing;
pub mod geometry;
pub mod gsmtap;
pub mod language;
pub mod message;
pub mod message_id;
pub mod page;
pub mod pcap;
pub mod push;
pub mod reassembly;
pub mod septets;
pub mod serial;
pub mod text;
pub mod wac;
pub mod wire;
pub mod wsp;
