use super::*;
use crate::model::submission::Priority;

fn channel(name: &str, bearer: Bearer, last: u8) -> Channel {
    let group = format!("239.1.1.{last}").parse().unwrap();
    FluteChannel {
        bearer,
        group,
        ..FluteChannel::lab(name.parse().unwrap())
    }
    .into()
}

fn directory() -> Directory {
    let group = |name: &str, channels: &[&str], deliver, required: &[&str]| AliasGroup {
        name: name.parse().unwrap(),
        channels: channels.iter().map(|name| name.parse().unwrap()).collect(),
        deliver,
        required: required.iter().map(|name| name.parse().unwrap()).collect(),
        areas: Vec::new(),
        application_id: Some("2".to_owned()),
        receivers_expected: None,
    };
    let area = ServiceArea::covered_by("north".parse().unwrap(), vec!["b".parse().unwrap()]);
    Directory::new(
        vec![
            channel("a", Bearer::Mbms, 1),
            channel("b", Bearer::Bcast, 2),
            channel("c", Bearer::Mbms, 3),
        ],
        vec![
            group("first", &["a", "b", "a", "gone"], Deliver::First, &[]),
            group("all", &["a", "b", "c"], Deliver::All, &["a"]),
            group("empty", &["gone"], Deliver::All, &[]),
        ],
        vec![area],
    )
}

fn initiator(groups: &[&str]) -> Initiator {
    Initiator {
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        areas: vec!["north".to_owned()],
        ..Initiator::named("pi".parse().unwrap())
    }
}

fn route(address: &str, wishes: Option<&QualityOfService>) -> Result<Route, RouteError> {
    directory().route(&address.parse().unwrap(), &initiator(&["*"]), wishes)
}

fn names(route: &Route) -> Vec<&str> {
    route.channels.iter().map(ChannelName::as_str).collect()
}

#[test]
fn groups_areas_and_multicast_addresses_are_found() {
    let first = route("WAPPUSH=group%2Ffirst/TYPE=USER@ppg", None).unwrap();
    assert_eq!(
        (names(&first), first.deliver),
        (vec!["a", "b"], Deliver::First)
    );
    assert_eq!(first.application_id.as_deref(), Some("2"));
    let all = route("WAPPUSH=group%2Fall/TYPE=USER@ppg", None).unwrap();
    assert_eq!((names(&all).len(), all.required.len()), (3, 1));
    assert_eq!(
        names(&route("WAPPUSH=area%2Fnorth/TYPE=USER@ppg", None).unwrap()),
        ["b"]
    );
    assert_eq!(
        names(&route("WAPPUSH=239.1.1.3/TYPE=IPv4@ppg", None).unwrap()),
        ["c"]
    );
    assert_eq!(
        names(&route("WAPPUSH=239.1.1.3/PORT=5042/TYPE=IPv4@ppg", None).unwrap()),
        ["c"]
    );
}

#[test]
fn everything_else_is_unknown() {
    for address in [
        "WAPPUSH=group%2Fnone/TYPE=USER@ppg",
        "WAPPUSH=group%2Fempty/TYPE=USER@ppg",
        "WAPPUSH=239.1.1.3/PORT=1/TYPE=IPv4@ppg",
        "WAPPUSH=239.9.9.9/TYPE=IPv4@ppg",
        "WAPPUSH=+155519990730/TYPE=PLMN@ppg",
    ] {
        let error = route(address, None).unwrap_err();
        assert_eq!(
            StatusCode::from(&error),
            StatusCode::AddressError,
            "{address}"
        );
    }
}

#[test]
fn rights_come_before_existence() {
    let directory = directory();
    for address in ["group%2Fall", "group%2Fnone", "area%2Fsouth"] {
        let address: Address = format!("WAPPUSH={address}/TYPE=USER@ppg").parse().unwrap();
        let error = directory
            .route(&address, &initiator(&["first"]), None)
            .unwrap_err();
        assert_eq!(StatusCode::from(&error), StatusCode::Forbidden);
    }
}

#[test]
fn a_bearer_wish_narrows_and_a_demand_may_fail() {
    let all = "WAPPUSH=group%2Fall/TYPE=USER@ppg";
    let wish = |bearer: &str, bearer_required| QualityOfService {
        bearer: Some(bearer.to_owned()),
        bearer_required,
        priority: Priority::High,
        ..QualityOfService::default()
    };
    let mbms = route(all, Some(&wish("mbms", true))).unwrap();
    assert_eq!(names(&mbms), ["a", "c"]);
    let bcast = route(all, Some(&wish("BCAST", true))).unwrap();
    assert_eq!((names(&bcast), bcast.required.len()), (vec!["b"], 1));
    assert_eq!(
        names(&route(all, Some(&wish("CBS", false))).unwrap()).len(),
        3
    );
    let error = route(all, Some(&wish("CBS", true))).unwrap_err();
    assert_eq!(
        StatusCode::from(&error),
        StatusCode::RequiredBearerNotAvailable
    );
}

#[test]
fn confirmation_and_foreign_networks_are_refused() {
    let all = "WAPPUSH=group%2Fall/TYPE=USER@ppg";
    let confirmed = QualityOfService {
        delivery_method: DeliveryMethod::Confirmed,
        ..QualityOfService::default()
    };
    assert_eq!(route(all, Some(&confirmed)), Err(RouteError::Confirmed));
    let network = |required| QualityOfService {
        network: Some("TETRA".to_owned()),
        network_required: required,
        ..QualityOfService::default()
    };
    assert!(route(all, Some(&network(false))).is_ok());
    assert!(matches!(
        route(all, Some(&network(true))),
        Err(RouteError::Network { .. })
    ));
}
