//! Channels: the list, one of them, pausing, testing, changing.

use axum::response::Response;
use pushcast_engine::gateway::console::{ConsoleError, Test};
use pushcast_engine::model::ChannelName;
use pushcast_engine::model::channel_status::ChannelMode;

use super::entry::first_upper;
use crate::http::failure::problems;
use crate::http::{Call, Failure, Problem, see_other};
use crate::pages::channels as pages;
use crate::pages::channels::Around;

pub(crate) async fn list(call: Call) -> Result<Response, Failure> {
    let actor = call.actor()?;
    let channels = call.gateway().channel_states(actor).await?;
    let links = call.gateway().link_states(actor).await?;
    let differences = call.gateway().file_differences(actor).await?.len();
    Ok(pages::list(&call, channels, &links, differences))
}

pub(crate) async fn show(call: Call) -> Result<Response, Failure> {
    let done = match call.query.text("done") {
        "changed" => {
            Some("The definition is stored. It is used from the next start on.".to_owned())
        }
        "created" => Some(
            "The channel is stored. It counts from the next start on; nothing is sent over it before."
                .to_owned(),
        ),
        "mode" => Some(match call.query.text("ended") {
            "" | "0" => "Done. Nothing was on the air.".to_owned(),
            ended => format!("Done. Objects that were on the air: {ended}."),
        }),
        _ => None,
    };
    let around = Around {
        done,
        ..Around::default()
    };
    again(&call, around).await
}

async fn again(call: &Call, mut around: Around) -> Result<Response, Failure> {
    for problem in &mut around.problems {
        problem.message = first_upper(&problem.message);
    }
    let name: ChannelName = call.part("name")?;
    let detail = call.gateway().channel(call.actor()?, &name).await?;
    Ok(pages::show(call, &detail, around))
}

pub(super) async fn refused(call: &Call, error: ConsoleError) -> Result<Response, Failure> {
    let around = Around {
        problems: problems(error)?,
        ..Around::default()
    };
    again(call, around).await
}

pub(crate) async fn set_mode(call: Call) -> Result<Response, Failure> {
    let name: ChannelName = call.part("name")?;
    let mode = ChannelMode::from_stored(call.form.text("mode"))
        .ok_or_else(|| Failure::Malformed("no such mode".to_owned()))?;
    let reason = call.form.text("reason");
    match call
        .gateway()
        .set_channel_mode(call.actor()?, &name, mode, reason)
        .await
    {
        Ok(ended) => Ok(see_other(&format!(
            "{}?done=mode&ended={ended}",
            path(&call, &name)
        ))),
        Err(error) => refused(&call, error).await,
    }
}

fn path(call: &Call, name: &ChannelName) -> String {
    call.path_to(&format!(
        "/channels/{}",
        crate::http::fields::encode(name.as_str())
    ))
}

pub(crate) async fn test(call: Call) -> Result<Response, Failure> {
    let test = Test {
        channel: call.part("name")?,
        reason: call.form.text("reason").to_owned(),
    };
    match call.gateway().test_channel(call.actor()?, test).await {
        Ok(outcome) => Ok(see_other(
            &call.path_to(&format!("/submissions/{}", outcome.submission)),
        )),
        Err(error) => refused(&call, error).await,
    }
}

pub(crate) async fn change(call: Call) -> Result<Response, Failure> {
    let name: ChannelName = call.part("name")?;
    let text = call.form.raw("definition");
    let wrong = |problem: String| Around {
        definition: Some(text.to_owned()),
        problems: vec![Problem::new("definition", problem)],
        done: None,
    };
    let channel: pushcast_engine::model::Channel = match serde_json::from_str(text) {
        Ok(channel) => channel,
        Err(error) => return again(&call, wrong(format!("This is no definition: {error}."))).await,
    };
    let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    if json["name"] != name.as_str() {
        return again(&call, wrong("A channel keeps its name.".to_owned())).await;
    }
    let seen_ms = call.form.read_as("seen").unwrap_or_default();
    match call
        .gateway()
        .change_channel(call.actor()?, channel, seen_ms)
        .await
    {
        Ok(_) => Ok(see_other(&format!("{}?done=changed", path(&call, &name)))),
        Err(error) => {
            let around = Around {
                definition: Some(text.to_owned()),
                problems: problems(error)?,
                done: None,
            };
            again(&call, around).await
        }
    }
}
