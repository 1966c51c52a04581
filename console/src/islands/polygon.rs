//! Drawing a shape: by clicks, by keys, by typing its corners.

use leptos::prelude::*;
use leptos::svg::Svg;
use serde::{Deserialize, Serialize};

use crate::outline::{self, Corner, HEIGHT, MAX_CORNERS, MapView, WIDTH, decimal};

/// What lies around the shape: path data in the drawing of `view`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Surroundings {
    /// The part of the earth that is drawn.
    pub view: MapView,
    /// Land.
    pub land: String,
    /// The other service areas, each with its name.
    pub areas: Vec<(String, String)>,
}

/// One key press moves a corner by so much of the drawing; with shift ten times that.
const STEP: f64 = WIDTH / 200.0;

/// What is being drawn. Cheap to copy: signals alone.
#[derive(Clone, Copy)]
struct Drawing {
    view: MapView,
    corners: RwSignal<Vec<Corner>>,
    /// The corner that keys move.
    chosen: RwSignal<Option<usize>>,
    /// As it stands in the text box.
    text: RwSignal<String>,
    said: RwSignal<String>,
}

impl Drawing {
    fn write(self) {
        self.text.set(outline::write(&self.corners.get_untracked()));
    }

    fn read(self, text: String) {
        if let Ok(corners) = outline::read(&text) {
            self.chosen.set(None);
            self.corners.set(corners);
        }
        self.text.set(text);
    }

    fn add(self, corner: Corner) {
        let count = self.corners.with_untracked(Vec::len);
        if count == MAX_CORNERS {
            self.said.set(format!("At most {MAX_CORNERS} corners."));
            return;
        }
        self.corners.update(|corners| corners.push(corner));
        self.chosen.set(Some(count));
        self.write();
        self.say(count, "added");
    }

    /// A new corner a little beside the last one, or in the middle.
    fn add_next(self) {
        let last = self
            .corners
            .with_untracked(|corners| corners.last().copied());
        let (x, y) = last.map_or((WIDTH / 2.0, HEIGHT / 2.0), |last| self.view.place(last));
        let aside = if last.is_some() { 6.0 * STEP } else { 0.0 };
        self.add(self.view.corner(x + aside, y));
    }

    fn remove(self, index: usize) {
        self.corners.update(|corners| {
            if index < corners.len() {
                corners.remove(index);
            }
        });
        let left = self.corners.with_untracked(Vec::len);
        self.chosen.set(left.checked_sub(1));
        self.write();
        self.said.set(format!("Corner removed, {left} left."));
    }

    fn undo(self) {
        if let Some(last) = self.corners.with_untracked(Vec::len).checked_sub(1) {
            self.remove(last);
        }
    }

    fn clear(self) {
        self.corners.set(Vec::new());
        self.chosen.set(None);
        self.write();
        self.said.set("All corners removed.".to_owned());
    }

    /// Chooses the next corner, or the one before.
    fn choose(self, forward: bool) {
        let count = self.corners.with_untracked(Vec::len);
        if count == 0 {
            return;
        }
        let step = if forward { 1 } else { count - 1 };
        let chosen = self
            .chosen
            .get_untracked()
            .map_or(0, |at| (at + step) % count);
        self.chosen.set(Some(chosen));
        self.say(chosen, "chosen");
    }

    fn shift(self, right: f64, down: f64) {
        let Some(chosen) = self.chosen.get_untracked() else {
            self.choose(false);
            return;
        };
        self.corners.update(|corners| {
            if let Some(corner) = corners.get_mut(chosen) {
                let (x, y) = self.view.place(*corner);
                *corner = self.view.corner(x + right, y + down);
            }
        });
        self.write();
    }

    fn say(self, index: usize, what: &str) {
        let corner = self
            .corners
            .with_untracked(|corners| corners.get(index).copied());
        if let Some(corner) = corner {
            self.said.set(format!(
                "Corner {} {what} at {}, {}.",
                index + 1,
                decimal(corner.lat, 4),
                decimal(corner.lon, 4)
            ));
        }
    }

    /// Whether the key meant something.
    fn key(self, key: &str, fast: bool) -> bool {
        let step = if fast { 10.0 * STEP } else { STEP };
        match key {
            "ArrowLeft" => self.shift(-step, 0.0),
            "ArrowRight" => self.shift(step, 0.0),
            "ArrowUp" => self.shift(0.0, -step),
            "ArrowDown" => self.shift(0.0, step),
            "Enter" => self.add_next(),
            "n" => self.choose(true),
            "p" => self.choose(false),
            "Backspace" | "Delete" => match self.chosen.get_untracked() {
                Some(chosen) => self.remove(chosen),
                None => self.undo(),
            },
            _ => return false,
        }
        true
    }
}

/// A shape, drawn beside its corners. The form's field is `corners`, one latitude and longitude a
/// line; the map only writes there.
#[island]
pub fn PolygonEditor(
    /// The corners so far.
    corners: String,
    /// What lies around.
    surroundings: Surroundings,
    /// Describes what is wrong with the field: `corners-error`, or nothing.
    described_by: String,
) -> impl IntoView {
    let map = NodeRef::<Svg>::new();
    let drawing = Drawing {
        view: surroundings.view,
        corners: RwSignal::new(outline::read(&corners).unwrap_or_default()),
        chosen: RwSignal::new(None),
        text: RwSignal::new(corners.clone()),
        said: RwSignal::new(String::new()),
    };
    let (able, set_able) = signal(false);
    Effect::new(move |_| set_able.set(true));
    let click = move |event: leptos::ev::MouseEvent| {
        if let Some((x, y)) = pointed(map, &event) {
            drawing.add(drawing.view.corner(x, y));
        }
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        if drawing.key(&event.key(), event.shift_key()) {
            event.prevent_default();
        }
    };
    let shape = move || drawing.view.path(&drawing.corners.get());
    view! {
        <div class="polygon">
            <div class:hidden=move || !able.get()>
                <p id="polygon-keys" class="hint">
                    "Click to add corners. With the keyboard: Enter adds a corner, the arrow keys move it (with Shift further), N and P choose another, Delete removes it."
                </p>
                <svg
                    class="map map-drawn"
                    viewBox="0 0 960 640"
                    tabindex="0"
                    role="application"
                    aria-label="Map for drawing"
                    aria-describedby="polygon-keys"
                    node_ref=map
                    on:click=click
                    on:keydown=key
                >
                    <rect class="map-sea" width="960" height="640" />
                    <path class="map-land" d=surroundings.land />
                    {surroundings
                        .areas
                        .into_iter()
                        .map(|(name, path)| {
                            view! {
                                <path class="map-other" d=path>
                                    <title>{name}</title>
                                </path>
                            }
                        })
                        .collect::<Vec<_>>()}
                    <path class="map-shape" d=shape />
                    {move || corners_drawn(drawing)}
                </svg>
                <p class="buttons">
                    <button type="button" class="button-secondary" on:click=move |_| drawing.add_next()>
                        "Add a corner"
                    </button>
                    <button type="button" class="button-secondary" on:click=move |_| drawing.undo()>
                        "Undo"
                    </button>
                    <button type="button" class="button-secondary" on:click=move |_| drawing.clear()>
                        "Clear"
                    </button>
                </p>
                <p class="visually-hidden" role="status">{move || drawing.said.get()}</p>
            </div>
            <p>
                <label for="corners">"Corners"</label>
                <span id="corners-hint" class="hint">
                    "One a line, in order around the shape: latitude, longitude in degrees. The last is joined to the first."
                </span>
                <textarea
                    id="corners"
                    name="corners"
                    rows="8"
                    class="coordinates"
                    spellcheck="false"
                    aria-describedby=format!("{described_by} corners-hint").trim().to_owned()
                    prop:value=move || drawing.text.get()
                    on:input=move |event| drawing.read(event_target_value(&event))
                >
                    {corners}
                </textarea>
            </p>
        </div>
    }
}

fn corners_drawn(drawing: Drawing) -> Vec<impl IntoView> {
    let chosen = drawing.chosen.get();
    let corners = drawing.corners.get();
    corners
        .into_iter()
        .enumerate()
        .map(|(index, corner)| {
            let (x, y) = drawing.view.place(corner);
            let class = if chosen == Some(index) {
                "map-corner map-corner-chosen"
            } else {
                "map-corner"
            };
            view! { <circle class=class cx=decimal(x, 1) cy=decimal(y, 1) r="7" /> }
        })
        .collect()
}

/// Where in the drawing somebody has clicked.
#[cfg(feature = "hydrate")]
fn pointed(map: NodeRef<Svg>, event: &leptos::ev::MouseEvent) -> Option<(f64, f64)> {
    let shown = map.get()?.get_bounding_client_rect();
    let x = (f64::from(event.client_x()) - shown.left()) * WIDTH / shown.width();
    let y = (f64::from(event.client_y()) - shown.top()) * HEIGHT / shown.height();
    Some((x, y))
}

#[cfg(not(feature = "hydrate"))]
fn pointed(_map: NodeRef<Svg>, _event: &leptos::ev::MouseEvent) -> Option<(f64, f64)> {
    None
}
