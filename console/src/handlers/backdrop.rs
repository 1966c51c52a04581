//! What lies under the areas on every map.

use axum::response::Response;
use pushcast_engine::gateway::console::ConsoleError;
use pushcast_engine::model::backdrop::MAX_BACKDROP_BYTES;

use crate::http::failure::problems;
use crate::http::upload::{Kept, Named, Upload};
use crate::http::{Call, Failure, Fields, Problem, see_other};
use crate::pages::backdrop as pages;

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    shown(&call, Vec::new()).await
}

async fn shown(call: &Call, mut found: Vec<Problem>) -> Result<Response, Failure> {
    for problem in &mut found {
        // There is one field, and no corners.
        problem.field = "file".to_owned();
    }
    let backdrop = call.gateway().backdrop(call.actor()?).await?;
    Ok(pages::show(call, backdrop, found))
}

pub(crate) async fn set(mut call: Call) -> Result<Response, Failure> {
    let mut upload = Upload::begin(&mut call).await?;
    let actor = call.actor()?;
    let open = |_: &Fields, _: &Named| {
        Ok(Kept {
            octets: Vec::new(),
            max_bytes: MAX_BACKDROP_BYTES,
        })
    };
    let here = call.path_to("/areas/backdrop");
    let Some((named, kept)) = upload.file(&actor.form_token, open).await? else {
        return Ok(see_other(&here));
    };
    let gateway = call.gateway();
    match gateway.set_backdrop(actor, &named.name, kept.octets).await {
        Ok(()) => Ok(see_other(&format!("{here}?saved"))),
        Err(error) => shown(&call, problems(error)?).await,
    }
}

pub(crate) async fn remove(call: Call) -> Result<Response, Failure> {
    match call.gateway().remove_backdrop(call.actor()?).await {
        // Somebody else was faster: it is gone, as was asked for.
        Ok(()) | Err(ConsoleError::NotFound { .. }) => {
            Ok(see_other(&call.path_to("/areas/backdrop")))
        }
        Err(error) => Err(error.into()),
    }
}
