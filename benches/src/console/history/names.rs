//! Groups, areas and the audit.

use super::*;

/// Groups and areas. Areas are small polygons that lie side by side, every tenth one is a circle.
pub(super) async fn names(
    connection: &mut AnyConnection,
    extents: &Extents,
    now_ms: u64,
) -> anyhow::Result<()> {
    let mut table = Table::new(
        connection,
        "INSERT INTO alias_group (name, definition, changed_ms)",
    );
    for number in 0..extents.groups {
        let group = AliasGroup {
            name: format!("g{number}").parse()?,
            channels: vec!["air".parse()?, "round".parse()?],
            deliver: Deliver::First,
            required: Vec::new(),
            areas: Vec::new(),
            application_id: None,
            receivers_expected: Some(u64::from(number)),
        };
        let json = text(&serde_json::to_string(&group)?);
        table.add(format!("'g{number}', {json}, {now_ms}")).await?;
    }
    table.flush().await?;
    let mut table = Table::new(
        connection,
        "INSERT INTO service_area (name, definition, changed_ms)",
    );
    for number in 0..extents.areas {
        let area = ServiceArea::covered_by(format!("a{number}").parse()?, vec!["round".parse()?]);
        let json = text(&serde_json::to_string(&area)?);
        table.add(format!("'a{number}', {json}, {now_ms}")).await?;
    }
    table.flush().await?;
    let mut table = Table::new(connection, "INSERT INTO area_outline (area, outline)");
    for number in 0..extents.areas {
        let json = text(&serde_json::to_string(&outline(number))?);
        table.add(format!("'a{number}', {json}")).await?;
    }
    table.flush().await
}

/// A polygon of 40 corners, or a circle, in a grid of 40 by 25 over the north of England.
fn outline(number: u32) -> Outline {
    let middle = Place {
        latitude: 53.0 + f64::from(number / 40 % 25) * 0.1,
        longitude: -3.0 + f64::from(number % 40) * 0.1,
    };
    let shape = if number.is_multiple_of(10) {
        Shape::Circle {
            center: middle,
            radius_km: 4.0,
        }
    } else {
        let corner = |index: u32| {
            let angle = f64::from(index) / 40.0 * std::f64::consts::TAU;
            // Not quite round, so that it has its own corners.
            let reach = 0.04 + 0.008 * (angle * 5.0).sin();
            Place {
                latitude: middle.latitude + reach * angle.sin(),
                longitude: middle.longitude + reach * angle.cos(),
            }
        };
        Shape::Polygon((0..40).map(corner).collect())
    };
    Outline {
        shapes: vec![shape],
        population: Some(u64::from(number) * 100),
    }
}

pub(super) async fn audit(
    connection: &mut AnyConnection,
    extents: &Extents,
    now_ms: u64,
) -> anyhow::Result<()> {
    let mut table = Table::new(
        connection,
        "INSERT INTO audit (seq, at_ms, who, source, action, reason, number, hash, who_kind, \
         workspace, object, before_value, after_value)",
    );
    let actions = ["change_group", "approve", "sign_in", "submit_alert"];
    for seq in 1..=extents.audit {
        let at_ms = now_ms - u64::from(extents.audit - seq) * 60_000;
        let action = actions[seq as usize % actions.len()];
        let object = format!("group g{}", seq % extents.groups.max(1));
        let row = format!(
            "{seq}, {at_ms}, 'bench', '127.0.0.1', '{action}', 'done', 1, '{HASH}', 'user', \
             'live', '{object}', '{{\"receivers_expected\":1}}', '{{\"receivers_expected\":2}}'"
        );
        table.add(row).await?;
    }
    table.flush().await
}
