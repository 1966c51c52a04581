//! Parts that pages are made of, rendered on the server alone.

mod chart;
mod confirm;
mod field;
mod frame;
mod list;
mod map;
mod message;
mod time;

pub(crate) use chart::{Bar, DayChart};
pub(crate) use confirm::Confirm;
pub(crate) use field::{
    Boxes, CheckBox, ErrorSummary, Field, Hidden, Option_, Radios, Select, TextArea,
};
pub(crate) use frame::{Head, Section, page, plain_page};
pub(crate) use list::{Empty, Pager, Row, SummaryList, Tab, Table, Tabs, Timeline, TimelineItem};
pub(crate) use map::{AreaMap, Drawn, Land, surroundings};
pub(crate) use message::{Notice, Tone};
pub(crate) use crate::tag::{
    Shape, delivery_tag, entry_tag, mode_words, severity_tag, tag, transmission_tag,
};
pub(crate) use time::{Clock, bytes, count, duration};
