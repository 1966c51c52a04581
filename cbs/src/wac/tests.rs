use super::*;
use crate::message_id::MessageId;
use crate::serial::SerialNumber;
use proptest::prelude::*;

fn area(shape: Shape) -> WarningArea {
    WarningArea {
        maximum_wait: None,
        shapes: vec![shape],
    }
}

fn circle(text: &str) -> Shape {
    Shape::Circle(text.parse().unwrap())
}

#[test]
fn a_circle_takes_ten_octets() {
    let octets = area(circle("0,0 1")).encode().unwrap();
    // Tag 3, length 10; half the steps twice; 64 sixty-fourths of a kilometre.
    assert_eq!(octets, [0x30, 0x28, 0x80, 0, 0x02, 0, 0, 0, 0, 0x40]);
    let wait = WarningArea {
        maximum_wait: Some(MaximumWait::Seconds(30)),
        ..area(circle("0,0 1"))
    };
    let octets = wait.encode().unwrap();
    assert_eq!(octets[..3], [0x10, 0x0C, 30]);
    assert_eq!(WarningArea::decode(&octets), Ok(wait));
}

#[test]
fn corners_of_the_earth_are_kept() {
    let polygon: Polygon = "-90,-180 90,-180 90,-1 -90,-180".parse().unwrap();
    let octets = area(Shape::Polygon(polygon)).encode().unwrap();
    assert_eq!(octets.len(), 2 + 17);
    let decoded = WarningArea::decode(&octets).unwrap();
    let Shape::Polygon(polygon) = &decoded.shapes[0] else {
        panic!();
    };
    assert_eq!(polygon.vertices().len(), 3);
    assert!(polygon.vertices()[1].latitude() > 89.9999);
}

#[test]
fn what_cannot_be_sent() {
    let encode = |shape| area(shape).encode();
    assert_eq!(
        encode(circle("0,0 0")),
        Err(WacError::Radius { radius_km: 0.0 })
    );
    assert!(encode(circle("0,0 16384")).is_err());
    let corners = |count: u32| {
        let corner = |index: u32| {
            let angle = f64::from(index) / f64::from(count) * std::f64::consts::TAU;
            Point::new(10.0 * angle.sin(), 10.0 * angle.cos()).unwrap()
        };
        Shape::Polygon(Polygon::new((0..count).map(corner).collect()).unwrap())
    };
    assert_eq!(encode(corners(185)).unwrap().len(), 1020);
    assert_eq!(
        encode(corners(186)),
        Err(WacError::Vertices { vertices: 186 })
    );
    let two = WarningArea {
        maximum_wait: None,
        shapes: vec![corners(150), corners(150)],
    };
    assert!(matches!(two.encode(), Err(WacError::TooLong { .. })));
    // Some centimetres across: nothing is left of it.
    let tiny: Polygon = "1,1 1,1.0000001 1.0000001,1 1,1".parse().unwrap();
    assert!(matches!(
        encode(Shape::Polygon(tiny)),
        Err(WacError::Geometry(_))
    ));
}

#[test]
fn octets_that_are_no_coordinates() {
    let octets = area(circle("1,2 3")).encode().unwrap();
    assert_eq!(
        WarningArea::decode(&octets[..9]),
        Err(WacError::Truncated { offset: 0 })
    );
    assert_eq!(
        WarningArea::decode(&[0x30, 0x04]),
        Err(WacError::ElementLength { octets: 1, tag: 3 })
    );
    assert_eq!(
        WarningArea::decode(&[0x30, 0x0C, 0]),
        Err(WacError::ElementLength { octets: 3, tag: 3 })
    );
    assert!(matches!(
        WarningArea::decode(&[0x20, 0x08]),
        Err(WacError::Geometry(GeometryError::Vertices { vertices: 0 }))
    ));
    assert_eq!(
        WarningArea::decode(&[0x90, 0x0C, 7]),
        Ok(WarningArea::default())
    );
    assert!(WarningArea::decode(&[0; 1025]).is_err());
    assert!(WarningArea::decode(&[0x30]).is_err());
}

proptest! {
    #[test]
    fn places_move_by_less_than_a_step(latitude in -90.0..=90.0_f64, longitude in -180.0..=180.0_f64, radius in 0.02..16_000.0_f64) {
        let center = Point::new(latitude, longitude).unwrap();
        let sent = Circle::new(center, radius).unwrap();
        let octets = area(Shape::Circle(sent)).encode().unwrap();
        let decoded = WarningArea::decode(&octets).unwrap();
        let Shape::Circle(read) = decoded.shapes[0] else { panic!() };
        prop_assert!((read.center().latitude() - latitude).abs() <= 180.0 / STEPS);
        prop_assert!((read.center().longitude() - longitude).abs() <= 360.0 / STEPS);
        prop_assert!(read.radius_km() >= radius && read.radius_km() < radius + 1.0 / 64.0);
        // What was read is written the same.
        prop_assert_eq!(decoded.encode().unwrap(), octets);
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(area) = WarningArea::decode(&octets)
            && let Ok(written) = area.encode()
        {
            prop_assert_eq!(WarningArea::decode(&written), Ok(area));
        }
    }
}

#[test]
fn a_trigger_lists_its_alerts() {
    let trigger = |count: u16| GeoFencingTrigger {
        alerts: (0..count)
            .map(|index| (MessageId(4370 + index), SerialNumber(0x4010)))
            .collect(),
    };
    let page = trigger(2).encode().unwrap();
    assert_eq!(
        page.used_octets()[..6],
        [0x21, 0x40, 0x11, 0x12, 0x40, 0x10]
    );
    assert_eq!(GeoFencingTrigger::decode(page.octets()), Ok(trigger(2)));
    assert!(trigger(20).encode().is_ok());
    assert_eq!(
        trigger(21).encode(),
        Err(TriggerError::Alerts { alerts: 21 })
    );
    assert_eq!(
        GeoFencingTrigger::decode(&[0x20, 0x60]),
        Err(TriggerError::Length { octets: 3 })
    );
    assert!(GeoFencingTrigger::decode(&[0x21, 0x40, 0]).is_err());
    assert_eq!(
        GeoFencingTrigger::decode(&[0x10, 0]),
        Err(TriggerError::Type { trigger_type: 1 })
    );
}
