//! From the cells and shapes of a service area to what a centre can carry of it.

use pushcast_cbs::area::{Area, AreaError, AreaKind, carried};
use pushcast_cbs::cbep::Capabilities;

/// Ways to say the same place. A channel takes the first one that its centre carries as a whole:
/// nothing is left out and nothing is widened.
const FAMILIES: [&[AreaKind]; 4] = [
    &[AreaKind::PlmnWide],
    &[
        AreaKind::Cgi,
        AreaKind::Ecgi,
        AreaKind::EmergencyArea,
        AreaKind::Lac,
        AreaKind::Lai,
        AreaKind::Ncgi,
        AreaKind::Sai,
        AreaKind::Tai,
    ],
    &[AreaKind::Circle, AreaKind::Polygon],
    &[AreaKind::Geocode],
];

/// The areas of these texts that a centre can carry. Refused where it cannot carry any of the
/// ways in which the place is described.
pub fn areas_of(cells: &[String], capabilities: &Capabilities) -> Result<Vec<Area>, AreaError> {
    let all: Vec<Area> = cells
        .iter()
        .map(|text| text.parse())
        .collect::<Result<_, _>>()?;
    let mut refused = None;
    for family in FAMILIES {
        let of_family: Vec<Area> = all
            .iter()
            .filter(|area| family.contains(&area.kind()))
            .cloned()
            .collect();
        if of_family.is_empty() {
            continue;
        }
        match carried(capabilities.name, capabilities.areas, &of_family) {
            Ok(()) if family.contains(&AreaKind::PlmnWide) => return Ok(vec![Area::PlmnWide]),
            Ok(()) => return Ok(of_family),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.unwrap_or(AreaError::None))
}

#[cfg(test)]
mod tests {
    use pushcast_cbs::cbep::Adapter as _;
    use pushcast_cbs::cbep::cap::Cap;
    use pushcast_cbs::cbep::ecbe::Ecbe;

    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_place_is_said_as_the_centre_understands_it_or_not_at_all() {
        let cap = Cap::new("a@b".parse().unwrap(), "/");
        let both = texts(&["cgi:001-01-1-6969", "circle:0,0 2.5"]);
        let areas = areas_of(&both, cap.capabilities()).unwrap();
        assert_eq!(areas, ["circle:0,0 2.5".parse().unwrap()]);
        let ecbe = Ecbe::new("pushcast").unwrap();
        let refused = areas_of(&both, ecbe.capabilities()).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "ECBE cannot carry the area cgi:001-01-1-6969"
        );
        let everywhere = areas_of(&texts(&["cgi:001-01-1-1", "plmn"]), ecbe.capabilities());
        assert_eq!(everywhere, Ok(vec![Area::PlmnWide]));
        assert_eq!(areas_of(&[], ecbe.capabilities()), Err(AreaError::None));
    }
}
