//! What the browser loads: the islands of `pushcast-console` and the call that gets them ready.

// Islands are exported by that crate; unnamed, it would not be linked at all.
use pushcast_console as _;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's script, before the islands are.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
