//! Links to Cell Broadcast Centres: one of them, holding it back, letting it go on.

use axum::response::Response;
use pushcast_engine::model::LinkName;
use pushcast_engine::model::link_status::{LinkMode, LinkStatus};

use super::entry::first_upper;
use crate::http::failure::problems;
use crate::http::fields::encode;
use crate::http::{Call, Failure, Problem, see_other};
use crate::pages::links as pages;

async fn found(call: &Call) -> Result<LinkStatus, Failure> {
    let name: LinkName = call.part("link")?;
    let all = call.gateway().link_states(call.actor()?).await?;
    let found = all.into_iter().find(|link| link.name == name);
    found.ok_or(Failure::NotFound)
}

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let link = found(&call).await?;
    Ok(pages::show(&call, &link, Vec::new()))
}

pub(crate) async fn set_mode(call: Call) -> Result<Response, Failure> {
    let name: LinkName = call.part("link")?;
    let mode = LinkMode::from_stored(call.form.text("mode"))
        .ok_or_else(|| Failure::Malformed("no such mode".to_owned()))?;
    let reason = call.form.text("reason");
    let gateway = call.gateway();
    match gateway
        .set_link_mode(call.actor()?, &name, mode, reason)
        .await
    {
        Ok(()) => {
            let path = format!("/links/{}?done", encode(name.as_str()));
            Ok(see_other(&call.path_to(&path)))
        }
        Err(error) => {
            let mut problems: Vec<Problem> = problems(error)?;
            for problem in &mut problems {
                problem.message = first_upper(&problem.message);
            }
            let link = found(&call).await?;
            Ok(pages::show(&call, &link, problems))
        }
    }
}
