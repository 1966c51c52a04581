//! Parts that pages are made of, rendered on the server alone.

mod backdrop;
mod chart;
mod confirm;
mod field;
mod frame;
mod land;
mod list;
mod map;
mod mark;
mod message;
mod time;
mod upload;

pub(crate) use chart::{Bar, DayChart};
pub(crate) use confirm::Confirm;
pub(crate) use field::{
    Boxes, CheckBox, ErrorSummary, Field, Hidden, Option_, Radios, Select, TextArea,
};
pub(crate) use frame::{Head, Section, page, plain_page};
pub(crate) use list::{Empty, Pager, Row, SummaryList, Tab, Table, Tabs, Timeline, TimelineItem};
pub(crate) use map::{AreaMap, Drawn, surroundings};
pub(crate) use mark::{
    channel_mark, delivery_mark, delivery_tag, entry_mark, entry_tag, link_mark, mode_words,
    severity_mark, severity_tag, transmission_mark,
};
pub(crate) use message::{Notice, Tone};
pub(crate) use time::{Clock, bytes, count, duration};
pub(crate) use upload::{FileField, UploadCheck};
