//! What lies under the areas on every map.

use std::sync::{Arc, PoisonError};

use serde_json::json;

use super::state::Done;
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::geojson;
use crate::model::Action;
use crate::model::backdrop::{Backdrop, MAX_BACKDROP_NAME_BYTES};
use crate::store::Steps;

impl Gateway {
    /// The backdrop of all maps, if there is one. Needs `See`.
    pub async fn backdrop(&self, actor: &Actor) -> Result<Option<Arc<Backdrop>>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let kept = &self.console().backdrop;
        // Another process may have changed it: its time is asked for, its lines are not.
        let changed_ms = self.inner.store.backdrop_changed_ms().await?;
        let Some(changed_ms) = changed_ms else {
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
            return Ok(None);
        };
        let known = kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.at_ms == changed_ms) {
            return Ok(Some(known));
        }
        let read = self.inner.store.backdrop().await?.map(Arc::new);
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = read.clone();
        Ok(read)
    }

    /// Reads lines from a GeoJSON text (RFC 7946) and draws them under the areas of every map from
    /// then on, in the place of what was there. Needs `EditAreas`.
    pub async fn set_backdrop(
        &self,
        actor: &Actor,
        name: &str,
        text: Vec<u8>,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditAreas).await?;
        let before = self.backdrop(actor).await?;
        // Some megabytes of JSON are some work.
        let read = tokio::task::spawn_blocking(move || geojson::lines(&text)).await;
        let interrupted = |_| ConsoleError::NotNow("the reading was interrupted".to_owned());
        let lines = read
            .map_err(interrupted)?
            .map_err(|problem| ConsoleError::Shapes(vec![problem]))?;
        let end = name.floor_char_boundary(MAX_BACKDROP_NAME_BYTES);
        // The time of change only grows, so that whoever keeps one sees that it is another.
        let least_ms = before.as_ref().map_or(0, |before| before.at_ms + 1);
        let backdrop = Backdrop {
            name: name[..end].to_owned(),
            lines,
            by: actor.name().to_string(),
            at_ms: self.inner.clock.unix_ms().max(least_ms),
        };
        let (was, is) = (before.as_deref().map(told), told(&backdrop));
        let done = Done::new("set_backdrop", "map backdrop".to_owned());
        let steps = Steps::default()
            .set_backdrop(&backdrop)?
            .audited(self.done(actor, done.before(&was).after(&is)));
        self.commit(steps).await
    }

    /// Takes the backdrop away. Needs `EditAreas`.
    pub async fn remove_backdrop(&self, actor: &Actor) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditAreas).await?;
        let before = self.backdrop(actor).await?;
        let before = before.ok_or(ConsoleError::NotFound { what: "backdrop" })?;
        let was = told(&before);
        let done = Done::new("remove_backdrop", "map backdrop".to_owned());
        let steps = Steps::default()
            .delete_backdrop()
            .audited(self.done(actor, done.before(&was)));
        self.commit(steps).await
    }
}

/// What the audit says of one: its lines are many.
fn told(backdrop: &Backdrop) -> serde_json::Value {
    json!({
        "name": backdrop.name,
        "lines": backdrop.lines.len(),
        "points": backdrop.points(),
    })
}
