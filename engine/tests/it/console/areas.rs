//! Service areas: shapes, cells, and what lies under them on the map.

use pushcast_engine::gateway::console::{AreaForm, CellsUpload, ConsoleError};
use pushcast_engine::model::outline::{Outline, Place as Point, Shape};
use pushcast_engine::model::upload::LineVerdict;
use pushcast_engine::model::{Role, ServiceArea};

use super::desk::{Desk, content};
use crate::store::place::Place;

crate::store::stories!(
    areas_are_checked_and_go_in_and_out_as_geojson,
    cells_of_many_areas_come_as_a_table,
    a_newer_table_takes_the_place_of_an_older_one,
    a_backdrop_lies_under_every_map_until_it_is_removed,
);

const EDITOR: &[Role] = &[Role::Editor, Role::Author];

fn square(west: f64, size: f64) -> Outline {
    let point = |longitude, latitude| Point {
        latitude,
        longitude,
    };
    Outline {
        shapes: vec![Shape::Polygon(vec![
            point(west, 50.0),
            point(west + size, 50.0),
            point(west + size, 50.0 + size),
            point(west, 50.0 + size),
        ])],
        population: Some(900),
    }
}

fn area(name: &str, outline: Outline) -> AreaForm {
    AreaForm {
        area: ServiceArea::covered_by(name.parse().unwrap(), vec!["air".parse().unwrap()]),
        outline,
    }
}

async fn areas_are_checked_and_go_in_and_out_as_geojson(place: &Place) {
    let desk = Desk::open(place).await;
    let edda = desk.person("edda", EDITOR, "live").await;
    let west = area("west", square(6.0, 1.0));
    desk.gateway.create_area(&edda, west.clone()).await.unwrap();
    desk.gateway
        .create_area(&edda, area("middle", square(6.5, 1.0)))
        .await
        .unwrap();
    desk.gateway
        .create_area(&edda, area("east", square(9.0, 1.0)))
        .await
        .unwrap();
    let detail = desk.gateway.area(&edda, &west.area.name).await.unwrap();
    assert_eq!(detail.overlaps, ["middle".parse().unwrap()]);
    assert_eq!(detail.outline, west.outline);
    let text = desk
        .gateway
        .area_geojson(&edda, &west.area.name)
        .await
        .unwrap();
    assert_eq!(
        desk.gateway.read_geojson(&edda, &text).unwrap(),
        west.outline
    );
    let mut crossed = square(6.0, 1.0);
    if let Shape::Polygon(corners) = &mut crossed.shapes[0] {
        corners.swap(1, 2);
    }
    let refused = desk
        .gateway
        .create_area(&edda, area("crossed", crossed))
        .await;
    assert!(
        matches!(refused, Err(ConsoleError::Shapes(_))),
        "{refused:?}"
    );
    let mut alert = content("flood");
    alert.areas = vec![west.area.name.clone()];
    let preview = desk.gateway.preview(&edda, &alert).await.unwrap();
    assert_eq!(preview.reach.receivers, Some(2_900));
    assert_eq!(preview.targets.len(), 2);
    assert!(
        preview
            .targets
            .iter()
            .all(|target| target.known && target.routes[0].owned)
    );
    assert!(
        preview
            .pass_ms
            .iter()
            .all(|(_, channel, ms)| channel.as_str() == "air" && *ms > 0)
    );
}

async fn cells_of_many_areas_come_as_a_table(place: &Place) {
    use LineVerdict::{Added, Duplicate, Invalid, Unknown};
    let desk = Desk::open(place).await;
    let gateway = &desk.gateway;
    let edda = desk.person("edda", EDITOR, "live").await;
    let formula = "=Köln";
    for name in ["west", formula] {
        let form = area(name, square(6.0, 1.0));
        gateway.create_area(&edda, form).await.unwrap();
    }
    let csv = "Cell,AREA\ntai:001-01-4660,west\ntai:001-01-04660,west\ncgi:001-01-1,west\n\
               plmn,nowhere\n\"circle:54.5,-1.6 3\",'=Köln\ntai:001-01-7,west\n";
    let checked = gateway
        .upload_cells(&edda, csv.as_bytes(), CellsUpload::Add, false)
        .await
        .unwrap();
    let verdicts: Vec<(usize, LineVerdict)> = checked
        .findings
        .iter()
        .map(|found| (found.line, found.verdict))
        .collect();
    let expected = [
        (2, Added),
        (3, Duplicate),
        (4, Invalid),
        (5, Unknown),
        (6, Added),
        (7, Added),
    ];
    assert_eq!(verdicts, expected, "{checked:?}");
    let cells = |name: &str| {
        let found = gateway.directory().area(&name.parse().unwrap());
        found.unwrap().cells
    };
    assert!(cells("west").is_empty(), "only looked at");
    let stored = gateway
        .upload_cells(&edda, csv.as_bytes(), CellsUpload::Add, true)
        .await
        .unwrap();
    assert!(stored.stored);
    assert_eq!(cells("west"), ["tai:001-01-4660", "tai:001-01-7"]);
    assert_eq!(cells(formula), ["circle:54.5,-1.6 3"]);
    // What goes out comes in again and changes nothing.
    let export = gateway.export_cells(&edda).await.unwrap();
    let again = gateway
        .upload_cells(&edda, export.as_bytes(), CellsUpload::Replace, true)
        .await
        .unwrap();
    assert_eq!((again.added, again.duplicate, again.removed), (0, 3, 0));
    assert_eq!(gateway.export_cells(&edda).await.unwrap(), export);
    let mut wrong = area("wrong", square(9.0, 1.0));
    wrong.area.cells = vec!["cell 7".to_owned()];
    let refused = gateway.create_area(&edda, wrong).await;
    assert!(
        matches!(&refused, Err(ConsoleError::Invalid(fields)) if fields[0].field == "cells"),
        "{refused:?}"
    );
}

async fn a_newer_table_takes_the_place_of_an_older_one(place: &Place) {
    let desk = Desk::open(place).await;
    let gateway = &desk.gateway;
    let edda = desk.person("edda", EDITOR, "live").await;
    for (name, cell) in [("west", "tai:001-01-4660"), ("east", "plmn")] {
        let mut form = area(name, square(6.0, 1.0));
        form.area.cells = vec![cell.to_owned(), "tai:001-01-7".to_owned()];
        gateway.create_area(&edda, form).await.unwrap();
    }
    let cells = |name: &str| {
        let found = gateway.directory().area(&name.parse().unwrap());
        found.unwrap().cells
    };
    // In the areas that it names alone.
    let newer = "area,cell\nwest,tai:001-01-7\nwest,tai:001-01-8\n";
    let replaced = gateway
        .upload_cells(&edda, newer.as_bytes(), CellsUpload::Replace, true)
        .await
        .unwrap();
    assert_eq!(
        (replaced.added, replaced.duplicate, replaced.removed),
        (1, 1, 1)
    );
    assert_eq!(cells("west"), ["tai:001-01-7", "tai:001-01-8"]);
    assert_eq!(cells("east"), ["plmn", "tai:001-01-7"]);
    // Too many lines to know what is to stay.
    let many = format!("area,cell\n{}", "west,tai:001-01-7\n".repeat(100_001));
    let refused = gateway
        .upload_cells(&edda, many.as_bytes(), CellsUpload::Replace, true)
        .await;
    assert!(matches!(refused, Err(ConsoleError::Upload(_))));
}

async fn a_backdrop_lies_under_every_map_until_it_is_removed(place: &Place) {
    let desk = Desk::open(place).await;
    let gateway = &desk.gateway;
    let edda = desk.person("edda", EDITOR, "live").await;
    let vera = desk.person("vera", &[Role::Viewer], "lab").await;
    assert_eq!(gateway.backdrop(&vera).await.unwrap(), None);
    let river = |end: u32| {
        let text = format!(r#"{{"type":"LineString","coordinates":[[7,50],[8,{end}]]}}"#);
        text.into_bytes()
    };
    gateway
        .set_backdrop(&edda, "river.geojson", river(51))
        .await
        .unwrap();
    let first = gateway.backdrop(&vera).await.unwrap().unwrap();
    assert_eq!((first.lines.len(), first.points()), (1, 2));
    assert_eq!(
        (first.name.as_str(), first.by.as_str()),
        ("river.geojson", "edda")
    );
    // In the same millisecond too, another one is another one.
    gateway
        .set_backdrop(&edda, "river.geojson", river(52))
        .await
        .unwrap();
    let second = gateway.backdrop(&vera).await.unwrap().unwrap();
    assert_ne!(first.lines, second.lines);
    let refused = gateway.set_backdrop(&edda, "x", b"{}".to_vec()).await;
    assert!(
        matches!(refused, Err(ConsoleError::Shapes(_))),
        "{refused:?}"
    );
    assert_eq!(gateway.backdrop(&vera).await.unwrap().unwrap(), second);
    gateway.remove_backdrop(&edda).await.unwrap();
    assert_eq!(gateway.backdrop(&vera).await.unwrap(), None);
    let again = gateway.remove_backdrop(&edda).await;
    assert!(matches!(again, Err(ConsoleError::NotFound { .. })));
    let audit = desk.audit().await;
    let done = audit
        .iter()
        .filter(|(_, action, object, _)| object == "map backdrop" && action.ends_with("_backdrop"));
    assert_eq!(done.count(), 3, "{audit:?}");
}
