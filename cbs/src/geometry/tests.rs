use super::*;

fn polygon(text: &str) -> Result<Polygon, GeometryError> {
    text.parse()
}

#[test]
fn texts_come_back() {
    for text in [
        "38.47,-120.14 38.34,-119.95 38.52,-119.74 38.47,-120.14",
        "0,0 0,1 1,1 1,0 0,0",
        "-90,-180 -90,-10 0,-10 -90,-180",
    ] {
        assert_eq!(polygon(text).unwrap().to_string(), text);
    }
    let circle: Circle = "32.9525,-115.5527 0".parse().unwrap();
    assert_eq!(circle.to_string(), "32.9525,-115.5527 0");
}

#[test]
fn polygons_that_are_none() {
    assert_eq!(
        polygon("0,0 0,1 0,0"),
        Err(GeometryError::Vertices { vertices: 2 })
    );
    assert_eq!(polygon(""), Err(GeometryError::Vertices { vertices: 0 }));
    assert_eq!(polygon("0,0 0,1 1,1 1,0"), Err(GeometryError::NotClosed));
    assert_eq!(
        polygon("0,0 1,1 1,0 0,1 0,0"),
        Err(GeometryError::Crossing {
            first: 1,
            second: 3
        })
    );
    assert_eq!(
        polygon("0,179 0,-179 1,-179 0,179"),
        Err(GeometryError::Over180 { side: 1 })
    );
    // All corners on one line, spikes, a corner that is met twice.
    for flat in [
        "0,0 0,1 0,2 0,0",
        "0,0 2,2 0,2 2,2 2,0 0,0",
        "0,0 0,2 2,2 0,2 0,0",
        "0,0 0,4 4,4 0,2 0,0",
    ] {
        assert!(
            matches!(polygon(flat), Err(GeometryError::Crossing { .. })),
            "{flat}"
        );
    }
    let repeated = "0,0 0,0 1,1 1,1 0,1 0,1 0,0";
    assert_eq!(polygon(repeated).unwrap().vertices().len(), 3);
    let many = "0,0 0,1 ".repeat(10_000);
    assert_eq!(
        polygon(&many),
        Err(GeometryError::Vertices { vertices: 502 })
    );
}

#[test]
fn numbers_that_are_none() {
    for text in [
        "1", "1;2", "a,b", "1,inf", "NaN,1", "1e1,2", "1,2,3", ",", "1, 2",
    ] {
        assert!(text.parse::<Point>().is_err(), "{text}");
    }
    assert!(matches!(
        "90.1,0".parse::<Point>(),
        Err(GeometryError::OffEarth { .. })
    ));
    assert!(matches!(
        "0,0 -1".parse::<Circle>(),
        Err(GeometryError::Radius { .. })
    ));
    assert!("0,0".parse::<Circle>().is_err());
    let error = "12°N".parse::<Point>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"12°N\" is not written as latitude,longitude"
    );
}
