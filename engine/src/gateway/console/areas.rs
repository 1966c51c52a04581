//! Service areas and how they lie on the map.

use std::collections::{BTreeMap, HashSet};

use super::groups::{page, page_rows};
use super::state::Done;
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::geojson;
use crate::model::listing::{Cursor, Page};
use crate::model::outline::{AreaDetail, Outline};
use crate::model::{Action, Address, AreaName, ServiceArea};
use crate::store::{Dated, Steps};

/// An area as a form has it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct AreaForm {
    /// Name, channels, bearer identities.
    pub area: ServiceArea,
    /// How it lies.
    pub outline: Outline,
}

/// An area in the list and on the map.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaRow {
    /// Name, channels, bearer identities.
    pub area: ServiceArea,
    /// How it lies.
    pub outline: Outline,
    /// When it was changed last, Unix ms.
    pub changed_ms: u64,
}

impl Gateway {
    /// Areas by name, those that contain `text` in any case. Needs `See`.
    pub async fn areas(
        &self,
        actor: &Actor,
        text: Option<&str>,
        after: Option<&Cursor>,
        rows: u32,
    ) -> Result<Page<AreaRow>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let rows = page_rows(rows);
        let after = after.map(|after| after.key.as_str());
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let found = self.inner.store.areas_page(text, after, rows + 1).await?;
        let names: Vec<String> = found
            .iter()
            .map(|(area, _)| area.name.to_string())
            .collect();
        let mut outlines = self.inner.store.outlines_of(&names).await?;
        let name = |area: &ServiceArea| area.name.to_string();
        let found = page(found, rows, name, |area, changed_ms| (area, changed_ms));
        let row = |(area, changed_ms): (ServiceArea, u64)| AreaRow {
            outline: outlines.remove(area.name.as_str()).unwrap_or_default(),
            area,
            changed_ms,
        };
        Ok(Page {
            rows: found.rows.into_iter().map(row).collect(),
            next: found.next,
        })
    }

    /// How some areas lie, by name; those that nobody has drawn are not there. Needs `See`.
    pub async fn area_outlines(
        &self,
        actor: &Actor,
        names: &[AreaName],
    ) -> Result<BTreeMap<String, Outline>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        Ok(self.inner.store.outlines_of(&names).await?)
    }

    async fn stored_area(&self, name: &AreaName) -> Result<Dated<ServiceArea>, ConsoleError> {
        let found = self.inner.store.area_dated(name.as_str()).await?;
        found.ok_or(ConsoleError::NotFound { what: "area" })
    }

    /// One of them. Needs `See`.
    pub async fn area(&self, actor: &Actor, name: &AreaName) -> Result<AreaDetail, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let (area, changed_ms) = self.stored_area(name).await?;
        let outline = self.inner.store.outline(name.as_str()).await?;
        let overlaps = self.overlapping(&outline, Some(name)).await?;
        let address = Address::area(name, &self.inner.identity.name);
        let known = self.directory().named(&area.channels);
        Ok(AreaDetail {
            overlaps,
            address: address.map_or_else(|_| String::new(), |address| address.raw().to_owned()),
            used_by: self.area_users(name).await?,
            served_by: known.map(|channel| channel.name().clone()).collect(),
            area,
            outline,
            changed_ms,
        })
    }

    async fn area_users(&self, name: &AreaName) -> Result<Vec<String>, ConsoleError> {
        let mut users = self.users_of("areas", name.as_str()).await?;
        let scoped = self.inner.store.groups_scoped_to(name).await?;
        users.extend(scoped.iter().take(20).map(|group| format!("group {group}")));
        let initiators = self.inner.store.initiators().await?;
        let naming = initiators
            .iter()
            .filter(|initiator| initiator.areas.iter().any(|area| area == name.as_str()));
        users.extend(naming.map(|initiator| format!("initiator {}", initiator.name)));
        Ok(users)
    }

    async fn overlapping(
        &self,
        outline: &Outline,
        but: Option<&AreaName>,
    ) -> Result<Vec<AreaName>, ConsoleError> {
        if outline.shapes.is_empty() {
            return Ok(Vec::new());
        }
        let outlines = self.inner.store.outlines().await?;
        let outline = outline.clone();
        let but = but.map(ToString::to_string);
        // A thousand areas of five hundred corners are some work.
        let found = tokio::task::spawn_blocking(move || {
            let others = outlines
                .iter()
                .filter(|(name, _)| Some(*name) != but.as_ref());
            let overlaps = others.filter(|(_, other)| geojson::overlap(&outline, other));
            overlaps.filter_map(|(name, _)| name.parse().ok()).collect()
        });
        let interrupted = |_| ConsoleError::NotNow("the comparison was interrupted".to_owned());
        found.await.map_err(interrupted)
    }

    async fn check_area(&self, form: &AreaForm) -> Result<(), ConsoleError> {
        if form.area.channels.is_empty() {
            return Err(ConsoleError::field(
                "channels",
                "Choose at least one channel.",
            ));
        }
        let usable = self.usable_channels().await?;
        let mut seen = HashSet::new();
        for channel in &form.area.channels {
            if !usable.contains(channel) {
                let message = format!("There is no channel {channel}.");
                return Err(ConsoleError::field("channels", message));
            }
            if !seen.insert(channel) {
                let message = format!("Channel {channel} stands there twice.");
                return Err(ConsoleError::field("channels", message));
            }
        }
        if let Some(message) = self.refused_cells(&form.area) {
            return Err(ConsoleError::field("cells", message));
        }
        let problems = geojson::check(&form.outline);
        match problems.is_empty() {
            true => Ok(()),
            false => Err(ConsoleError::Shapes(problems)),
        }
    }

    /// Creates one; it can be addressed from then on. Shapes that cross themselves, lie across the
    /// 180th meridian or off the Earth are refused with [`ConsoleError::Shapes`]. Needs
    /// `EditAreas`.
    pub async fn create_area(&self, actor: &Actor, form: AreaForm) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditAreas).await?;
        self.check_area(&form).await?;
        let now_ms = self.inner.clock.unix_ms();
        let done = Done::new("create_area", format!("area {}", form.area.name));
        let steps = Steps::default()
            .create_area(&form.area, now_ms)?
            .set_outline(&form.area.name, &form.outline)?
            .audited(self.done(actor, done.after(&form)));
        let stored = self.commit_names(steps).await;
        stored.map_err(|error| error.taken("There is an area of this name."))
    }

    /// Changes one. `seen_ms` is the time of change that the form showed. What is on the air goes
    /// on as it was planned. Needs `EditAreas`.
    pub async fn change_area(
        &self,
        actor: &Actor,
        form: AreaForm,
        seen_ms: u64,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditAreas).await?;
        self.check_area(&form).await?;
        let name = &form.area.name;
        let (area, _) = self.stored_area(name).await?;
        let outline = self.inner.store.outline(name.as_str()).await?;
        let before = AreaForm { area, outline };
        let done = Done::new("change_area", format!("area {name}"));
        let steps = Steps::default()
            .change_area(&form.area, seen_ms, self.inner.clock.unix_ms())?
            .set_outline(name, &form.outline)?
            .audited(self.done(actor, done.before(&before).after(&form)));
        self.commit_names(steps).await
    }

    /// Deletes one, while nothing uses it. Needs `EditAreas`.
    pub async fn delete_area(&self, actor: &Actor, name: &AreaName) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditAreas).await?;
        let (area, _) = self.stored_area(name).await?;
        let outline = self.inner.store.outline(name.as_str()).await?;
        let before = AreaForm { area, outline };
        let by = self.area_users(name).await?;
        if !by.is_empty() {
            let what = format!("area {name}");
            return Err(ConsoleError::InUse { what, by });
        }
        let done = Done::new("delete_area", format!("area {name}"));
        let steps = Steps::default()
            .delete_area(name.as_str())
            .delete_outline(name)
            .audited(self.done(actor, done.before(&before)));
        self.commit_names(steps).await
    }

    /// Reads the shapes of a GeoJSON text (RFC 7946): a geometry, a feature or a collection of
    /// them; polygons, multi-polygons, and points with a `radius_km`. Stores nothing. Needs
    /// `See`.
    pub fn read_geojson(&self, actor: &Actor, text: &str) -> Result<Outline, ConsoleError> {
        if !actor.may(Action::See) {
            return Err(ConsoleError::Forbidden(Action::See));
        }
        geojson::read(text).map_err(ConsoleError::Shapes)
    }

    /// What is wrong with shapes, and which areas they overlap; for a form that is not stored yet.
    /// Needs `See`.
    pub async fn check_outline(
        &self,
        actor: &Actor,
        outline: &Outline,
        but: Option<&AreaName>,
    ) -> Result<Vec<AreaName>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let problems = geojson::check(outline);
        if !problems.is_empty() {
            return Err(ConsoleError::Shapes(problems));
        }
        self.overlapping(outline, but).await
    }

    /// An area as GeoJSON: a collection of one feature for each shape. Needs `See`.
    pub async fn area_geojson(
        &self,
        actor: &Actor,
        name: &AreaName,
    ) -> Result<String, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let (area, _) = self.stored_area(name).await?;
        let outline = self.inner.store.outline(name.as_str()).await?;
        Ok(geojson::write(area.name.as_str(), &outline))
    }
}
