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
    /// What somebody has uploaded to lie under the areas; empty if nothing.
    pub backdrop: String,
    /// The other service areas, each with its name.
    pub areas: Vec<(String, String)>,
}

/// One key press moves a corner by so much of the drawing; with shift ten times that.
const STEP: f64 = WIDTH / 200.0;

/// A part of the drawing: its upper left corner and its width; it is two thirds as high.
#[derive(Clone, Copy, PartialEq)]
struct Window {
    x: f64,
    y: f64,
    width: f64,
}

impl Window {
    /// As much as is drawn.
    const ALL: Self = Self {
        x: 0.0,
        y: 0.0,
        width: WIDTH,
    };
    /// A thousandth of the drawing: beyond, corners have no digits left.
    const MIN_WIDTH: f64 = WIDTH / 1_000.0;

    fn height(self) -> f64 {
        self.width * HEIGHT / WIDTH
    }

    fn middle(self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height() / 2.0)
    }

    /// `factor` times as much, around a point.
    fn zoomed(self, factor: f64, (x, y): (f64, f64)) -> Self {
        let width = (self.width * factor).clamp(Self::MIN_WIDTH, WIDTH);
        let wide = Self { width, ..self };
        Self {
            x: (x - width / 2.0).clamp(0.0, WIDTH - width),
            y: (y - wide.height() / 2.0).clamp(0.0, HEIGHT - wide.height()),
            width,
        }
    }

    /// How much larger everything is drawn.
    fn scale(self) -> f64 {
        self.width / WIDTH
    }

    fn view_box(self) -> String {
        let numbers = [self.x, self.y, self.width, self.height()];
        numbers.map(|number| decimal(number, 3)).join(" ")
    }
}

/// What is being drawn. Cheap to copy: signals alone.
#[derive(Clone, Copy)]
struct Drawing {
    view: MapView,
    corners: RwSignal<Vec<Corner>>,
    /// The corner that keys move.
    chosen: RwSignal<Option<usize>>,
    /// The part of the drawing that is shown.
    window: RwSignal<Window>,
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
        let window = self.window.get_untracked();
        let (x, y) = last.map_or(window.middle(), |last| self.view.place(last));
        let aside = if last.is_some() {
            6.0 * STEP * window.scale()
        } else {
            0.0
        };
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

    /// Shows less, larger, or more, around the chosen corner if there is one.
    fn zoom(self, factor: f64) {
        let corners = self.corners.get_untracked();
        let chosen = self
            .chosen
            .get_untracked()
            .and_then(|at| corners.get(at).copied());
        self.window.update(|window| {
            let point = chosen.map_or(window.middle(), |corner| self.view.place(corner));
            *window = window.zoomed(factor, point);
        });
    }

    /// Whether the key meant something.
    fn key(self, key: &str, fast: bool) -> bool {
        let step = self.window.get_untracked().scale() * if fast { 10.0 * STEP } else { STEP };
        match key {
            "ArrowLeft" => self.shift(-step, 0.0),
            "ArrowRight" => self.shift(step, 0.0),
            "ArrowUp" => self.shift(0.0, -step),
            "ArrowDown" => self.shift(0.0, step),
            "Enter" => self.add_next(),
            "+" => self.zoom(0.5),
            "-" => self.zoom(2.0),
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
        window: RwSignal::new(Window::ALL),
        text: RwSignal::new(corners.clone()),
        said: RwSignal::new(String::new()),
    };
    let (able, set_able) = signal(false);
    Effect::new(move |_| set_able.set(true));
    let click = move |event: leptos::ev::MouseEvent| {
        if let Some((x, y)) = pointed(map, drawing.window.get_untracked(), &event) {
            drawing.add(drawing.view.corner(x, y));
        }
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        if drawing.key(&event.key(), event.shift_key()) {
            event.prevent_default();
        }
    };
    let shape = move || drawing.view.path(&drawing.corners.get());
    let others: Vec<_> = surroundings.areas.into_iter().map(other).collect();
    view! {
        <div class="polygon">
            <div class:hidden=move || !able.get()>
                <p id="polygon-keys" class="hint">
                    "Click to add corners. With the keyboard: Enter adds a corner, the arrow keys move it (with Shift further), N and P choose another, Delete removes it, + and - zoom."
                </p>
                <svg
                    class="map map-drawn"
                    viewBox=move || drawing.window.get().view_box()
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
                    <path class="map-backdrop" d=surroundings.backdrop />
                    {others}
                    <path class="map-shape" d=shape />
                    {move || corners_drawn(drawing)}
                </svg>
                {buttons(drawing)}
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

/// Another area, for orientation.
fn other((name, path): (String, String)) -> impl IntoView {
    view! {
        <path class="map-other" d=path>
            <title>{name}</title>
        </path>
    }
}

fn buttons(drawing: Drawing) -> impl IntoView {
    view! {
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
            <button type="button" class="button-secondary" on:click=move |_| drawing.zoom(0.5)>
                "Zoom in"
            </button>
            <button type="button" class="button-secondary" on:click=move |_| drawing.zoom(2.0)>
                "Zoom out"
            </button>
        </p>
    }
}

fn corners_drawn(drawing: Drawing) -> Vec<impl IntoView> {
    let chosen = drawing.chosen.get();
    let corners = drawing.corners.get();
    let radius = decimal(7.0 * drawing.window.get().scale(), 3);
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
            view! { <circle class=class cx=decimal(x, 3) cy=decimal(y, 3) r=radius.clone() /> }
        })
        .collect()
}

/// Where in the drawing somebody has clicked.
#[cfg(feature = "hydrate")]
fn pointed(
    map: NodeRef<Svg>,
    window: Window,
    event: &leptos::ev::MouseEvent,
) -> Option<(f64, f64)> {
    let shown = map.get()?.get_bounding_client_rect();
    let x = (f64::from(event.client_x()) - shown.left()) / shown.width();
    let y = (f64::from(event.client_y()) - shown.top()) / shown.height();
    Some((window.x + x * window.width, window.y + y * window.height()))
}

#[cfg(not(feature = "hydrate"))]
fn pointed(
    _map: NodeRef<Svg>,
    _window: Window,
    _event: &leptos::ev::MouseEvent,
) -> Option<(f64, f64)> {
    None
}
