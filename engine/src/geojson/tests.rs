use super::*;

fn square(west: f64, south: f64, size: f64) -> Outline {
    let place = |longitude, latitude| Place {
        latitude,
        longitude,
    };
    Outline {
        shapes: vec![Shape::Polygon(vec![
            place(west, south),
            place(west + size, south),
            place(west + size, south + size),
            place(west, south + size),
        ])],
        population: None,
    }
}

fn circle(longitude: f64, latitude: f64, radius_km: f64) -> Outline {
    let center = Place {
        latitude,
        longitude,
    };
    Outline {
        shapes: vec![Shape::Circle { center, radius_km }],
        population: Some(12),
    }
}

fn polygon(ring: &str) -> String {
    format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#)
}

#[test]
fn what_is_written_is_read_back() {
    let mut outline = square(6.0, 50.0, 1.0);
    outline.shapes.extend(circle(7.0, 51.0, 2.5).shapes);
    outline.population = Some(4_000);
    let text = write("Ahr", &outline);
    assert_eq!(read(&text), Ok(outline));
}

#[test]
fn collections_and_several_polygons_are_read() {
    let ring = "[[0,0],[1,0],[1,1],[0,0]]";
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[
            {{"type":"Feature","properties":{{"population":5}},"geometry":{{"type":"MultiPolygon",
              "coordinates":[[{ring}],[{ring}]]}}}},
            {{"type":"Feature","properties":{{"radius":1500,"population":2}},
              "geometry":{{"type":"Point","coordinates":[3,4]}}}}]}}"#
    );
    let outline = read(&text).unwrap();
    assert_eq!(outline.shapes.len(), 3);
    assert_eq!(outline.population, Some(7));
    assert!(matches!(
        outline.shapes[2],
        Shape::Circle { radius_km, .. } if radius_km == 1.5
    ));
}

#[test]
fn what_cannot_be_an_area_is_told() {
    let table = [
        ("", "This is no JSON"),
        ("{}", "it has no type"),
        (r#"{"type":"LineString","coordinates":[]}"#, "is no area"),
        (r#"{"type":"FeatureCollection","features":[]}"#, "no shape"),
        (&polygon("[[0,0],[1,0],[1,1]]"), "not closed"),
        (&polygon("[[0,0],[1,0],[0,0]]"), "3 to 500 corners"),
        (&polygon("[[0,0],[1,1],[1,0],[0,1],[0,0]]"), "cross"),
        (
            &polygon("[[179,0],[-179,0],[-179,1],[179,1],[179,0]]"),
            "180th meridian",
        ),
        (&polygon("[[0,0],[0,91],[1,1],[0,0]]"), "not on the Earth"),
        (
            &polygon("[[0,0],[1,0],[1,1],[0,0]],[[0,0],[1,0],[1,1],[0,0]]"),
            "holes",
        ),
        (r#"{"type":"Point","coordinates":[1,2]}"#, "radius_km"),
    ];
    for (text, expected) in table {
        let problems = read(text).unwrap_err();
        let found = problems
            .iter()
            .any(|problem| problem.message.contains(expected));
        assert!(found, "{text}: {problems:?}");
    }
}

#[test]
fn hostile_texts_are_bounded() {
    let deep = r#"{"type":"GeometryCollection","geometries":["#.repeat(100);
    assert!(read(&deep).is_err());
    let corners = "[0,0],".repeat(100_000);
    assert!(read(&polygon(&format!("[{corners}[0,0]]"))).is_err());
    let many = polygon("[[0,0],[1,0],[1,1],[0,0]]");
    let many = vec![many; 200].join(",");
    let many = format!(r#"{{"type":"GeometryCollection","geometries":[{many}]}}"#);
    assert!(read(&many).is_err());
}

#[test]
fn overlaps_are_found() {
    let table = [
        (square(0.0, 0.0, 1.0), square(0.5, 0.5, 1.0), true),
        (square(0.0, 0.0, 1.0), square(2.0, 2.0, 1.0), false),
        (square(0.0, 0.0, 4.0), square(1.0, 1.0, 1.0), true),
        (square(0.0, 0.0, 1.0), circle(0.5, 0.5, 1.0), true),
        (square(0.0, 0.0, 1.0), circle(3.0, 0.5, 10.0), false),
        (circle(0.0, 0.0, 100.0), circle(1.0, 0.0, 20.0), true),
        (Outline::default(), square(0.0, 0.0, 1.0), false),
    ];
    for (number, (a, b, expected)) in table.iter().enumerate() {
        assert_eq!(overlap(a, b), *expected, "row {number}");
        assert_eq!(
            overlap(b, a),
            *expected,
            "row {number}, the other way round"
        );
    }
}
