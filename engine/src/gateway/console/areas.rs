//! Service areas and how they lie on the map.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::listing::{Cursor, Page};
use crate::model::outline::{AreaDetail, Outline};
use crate::model::{AreaName, ServiceArea};

/// An area as a form has it.
#[derive(Debug, Clone, PartialEq)]
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
        let _ = (actor, text, after, rows);
        Err(ConsoleError::NotYet)
    }

    /// One of them. Needs `See`.
    pub async fn area(&self, actor: &Actor, name: &AreaName) -> Result<AreaDetail, ConsoleError> {
        let _ = (actor, name);
        Err(ConsoleError::NotYet)
    }

    /// Creates one; it can be addressed from then on. Shapes that cross themselves, lie across the
    /// 180th meridian or off the Earth are refused with [`ConsoleError::Shapes`]. Needs
    /// `EditAreas`.
    pub async fn create_area(&self, actor: &Actor, form: AreaForm) -> Result<(), ConsoleError> {
        let _ = (actor, form);
        Err(ConsoleError::NotYet)
    }

    /// Changes one. `seen_ms` is the time of change that the form showed. Needs `EditAreas`.
    pub async fn change_area(
        &self,
        actor: &Actor,
        form: AreaForm,
        seen_ms: u64,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, form, seen_ms);
        Err(ConsoleError::NotYet)
    }

    /// Deletes one, while nothing uses it. Needs `EditAreas`.
    pub async fn delete_area(&self, actor: &Actor, name: &AreaName) -> Result<(), ConsoleError> {
        let _ = (actor, name);
        Err(ConsoleError::NotYet)
    }

    /// Reads the shapes of a GeoJSON text (RFC 7946): a geometry, a feature or a collection of
    /// them; polygons, multi-polygons, and points with a `radius_km`. Stores nothing. Needs
    /// `See`.
    pub fn read_geojson(&self, actor: &Actor, text: &str) -> Result<Outline, ConsoleError> {
        let _ = (actor, text);
        Err(ConsoleError::NotYet)
    }

    /// What is wrong with shapes, and which areas they overlap; for a form that is not stored yet.
    /// Needs `See`.
    pub async fn check_outline(
        &self,
        actor: &Actor,
        outline: &Outline,
        but: Option<&AreaName>,
    ) -> Result<Vec<AreaName>, ConsoleError> {
        let _ = (actor, outline, but);
        Err(ConsoleError::NotYet)
    }

    /// An area as a GeoJSON feature. Needs `See`.
    pub async fn area_geojson(
        &self,
        actor: &Actor,
        name: &AreaName,
    ) -> Result<String, ConsoleError> {
        let _ = (actor, name);
        Err(ConsoleError::NotYet)
    }
}
