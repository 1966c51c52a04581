//! Cells of many areas at once, as a table.

use axum::response::Response;
use leptos::prelude::*;
use pushcast_engine::model::upload::UploadReport;

use crate::components::{FileField, Head, Hidden, Section, UploadCheck, page};
use crate::http::Call;

/// What stands under the list of areas: the table of all cells, and for whoever may a new one.
pub(crate) fn section(call: &Call, may: bool) -> AnyView {
    let csv = call.path_to("/areas.csv");
    let form = may.then(|| form(call));
    view! {
        <section>
            <h2>"Cells of many areas"</h2>
            <p><a href=csv>"Download the cells of all areas as CSV"</a></p>
            {form}
        </section>
    }
    .into_any()
}

fn form(call: &Call) -> AnyView {
    let token = call.form_token();
    view! {
        <p class="hint">"CSV with the columns area and cell, one line for each cell of each area, such as tai:001-01-4660 or circle:54.5,-1.6 3. The areas have to exist. At most 16 MiB."</p>
        <form method="post" action=call.path_to("/areas/cells") enctype="multipart/form-data">
            <Hidden name="token" value=token />
            <div class="choice field">
                <input type="checkbox" id="replace" name="replace" value="yes" />
                <label for="replace">"Put them in the place of the cells that the areas named in the file have; without this they are added"</label>
            </div>
            <div class="choice field">
                <input type="checkbox" id="store" name="store" value="yes" />
                <label for="store">"Store what is new; without this it is only checked"</label>
            </div>
            <FileField id="cells-file" label="File with cells" accept=".csv,text/csv" />
            <p><button class="button-secondary">"Upload the cells"</button></p>
        </form>
    }
    .into_any()
}

pub(crate) fn uploaded(call: &Call, report: UploadReport) -> Response {
    let areas = call.path_to("/areas");
    let head =
        Head::new(Section::Areas, "Check of the upload").under("Service areas", areas.clone());
    page(call, head, || {
        let on_air = report.stored.then(|| {
            view! { <p>"What is on the air goes on as it was planned; the cells count from the next push on."</p> }
        });
        view! {
            <UploadCheck report=report.clone() />
            {on_air}
            <p><a href=areas.clone()>"Back to the areas"</a></p>
        }
        .into_any()
    })
}
