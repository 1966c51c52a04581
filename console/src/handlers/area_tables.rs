//! Cells of many areas at once, as a table.

use axum::response::Response;
use pushcast_engine::gateway::console::CellsUpload;
use pushcast_engine::model::upload::MAX_UPLOAD_BYTES;

use crate::http::upload::Upload;
use crate::http::{Call, Failure, download, see_other};
use crate::pages::area_tables as pages;

pub(crate) async fn csv(call: Call) -> Result<Response, Failure> {
    let csv = call.gateway().export_cells(call.actor()?).await?;
    let octets = csv.into_bytes();
    Ok(download("areas.csv", "text/csv; charset=utf-8", octets))
}

pub(crate) async fn upload(mut call: Call) -> Result<Response, Failure> {
    let mut upload = Upload::begin(&mut call).await?;
    let actor = call.actor()?;
    let Some(octets) = upload.kept(&actor.form_token, MAX_UPLOAD_BYTES).await? else {
        return Ok(see_other(&call.path_to("/areas")));
    };
    let mode = match upload.fields.has("replace") {
        true => CellsUpload::Replace,
        false => CellsUpload::Add,
    };
    let store = upload.fields.has("store");
    let gateway = call.gateway();
    let report = gateway.upload_cells(actor, &octets, mode, store).await?;
    Ok(pages::uploaded(&call, report))
}
