//! The tour of test workspaces.

use axum::response::Response;
use pushcast_engine::model::Mode;

use crate::http::{Call, Failure};
use crate::pages::tour as pages;

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let step: usize = call.part("step")?;
    if !(1..=pages::COUNT).contains(&step) {
        return Err(Failure::NotFound);
    }
    Ok(match call.actor()?.workspace.mode {
        Mode::Live => pages::elsewhere(&call),
        Mode::Test => pages::show(&call, step),
    })
}
