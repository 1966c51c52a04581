//! Who is let in, and who gives roles.

use pushcast_engine::gateway::console::{ConsoleError, GrantChange, NewUser, SetUp};
use pushcast_engine::model::user::Scope;
use pushcast_engine::model::{Action, Role};

use super::desk::{Desk, HERE, PASSWORD, hasty};
use crate::store::place::Place;

crate::store::stories!(
    the_first_person_comes_by_a_link_that_leads_nowhere_afterwards,
    wrong_names_and_wrong_passwords_look_alike_and_are_few,
    row_31_sessions_end,
    row_38_the_database_opens_no_session,
    authors_of_live_workspaces_wait_for_a_second_administrator,
    the_last_administrator_stays,
    whoever_is_disabled_is_out_at_once,
);

fn first(link: &str) -> SetUp {
    SetUp {
        link: link.to_owned(),
        name: "root".to_owned(),
        full_name: "Ruth Oot".to_owned(),
        password: PASSWORD.to_owned(),
        from: HERE,
        agent: "test".to_owned(),
    }
}

async fn the_first_person_comes_by_a_link_that_leads_nowhere_afterwards(place: &Place) {
    let desk = Desk::open(place).await;
    let link = desk.gateway.first_link().await.unwrap().unwrap();
    assert_eq!(desk.gateway.set_up_link(&link).await.unwrap(), None);
    let short = SetUp {
        password: "short".to_owned(),
        ..first(&link)
    };
    let refused = desk.gateway.set_up(short).await;
    assert!(
        matches!(refused, Err(ConsoleError::Invalid(_))),
        "{refused:?}"
    );
    let signed_in = desk.gateway.set_up(first(&link)).await.unwrap();
    let signed_in = signed_in.begun().unwrap();
    let root = desk.actor(&signed_in.token, None).await.unwrap();
    assert!(root.user.is_administrator());
    assert_eq!(root.workspace.name.as_str(), "lab");
    assert!(root.may(Action::Compose) && root.may(Action::Approve));
    let live = desk.actor(&signed_in.token, Some("live")).await.unwrap();
    assert!(!live.may(Action::Compose), "nobody has agreed to that");
    let again = desk.gateway.set_up(first(&link)).await;
    assert!(
        matches!(again, Err(ConsoleError::NotFound { .. })),
        "{again:?}"
    );
    assert_eq!(desk.gateway.first_link().await.unwrap(), None);
}

async fn wrong_names_and_wrong_passwords_look_alike_and_are_few(place: &Place) {
    let desk = Desk::open(place).await;
    desk.add("anna", &[Role::Viewer], "lab").await;
    assert!(desk.sign_in("ANNA", PASSWORD).await.is_ok());
    for (name, password) in [("anna", "wrong"), ("nobody", PASSWORD), ("", "")] {
        let refused = desk.sign_in(name, password).await.unwrap_err();
        assert_eq!(refused.to_string(), "name or password is wrong");
    }
    for _ in 0..9 {
        drop(desk.sign_in("anna", "wrong").await);
    }
    // The tenth wrong one was the last; the right one has to wait too.
    let refused = desk.sign_in("anna", PASSWORD).await.unwrap_err();
    assert!(
        matches!(refused, ConsoleError::Attempts { .. }),
        "{refused:?}"
    );
    let audit = desk.audit().await;
    let wrong = audit
        .iter()
        .filter(|(_, action, _, result)| action == "sign_in" && result == "wrong");
    assert_eq!(wrong.count(), 12);
}

async fn row_31_sessions_end(place: &Place) {
    let desk = Desk::open(place).await;
    desk.add("anna", &[Role::Viewer], "lab").await;
    let one = desk.sign_in("anna", PASSWORD).await.unwrap();
    let two = desk.sign_in("anna", PASSWORD).await.unwrap();
    assert_ne!(one.as_str(), two.as_str(), "each sign-in has its own");
    desk.gateway.sign_out(&one).await.unwrap();
    assert!(matches!(
        desk.actor(&one, None).await,
        Err(ConsoleError::SignedOut)
    ));
    let anna = desk.actor(&two, None).await.unwrap();
    // A new password ends all others.
    let three = desk.sign_in("anna", PASSWORD).await.unwrap();
    let new = "another horse battery";
    let wrong = desk.gateway.change_password(&anna, "wrong", new).await;
    assert!(matches!(wrong, Err(ConsoleError::Invalid(_))));
    desk.gateway
        .change_password(&anna, PASSWORD, new)
        .await
        .unwrap();
    assert!(desk.actor(&three, None).await.is_err());
    assert!(desk.actor(&two, None).await.is_ok());
    // Idle, then the end.
    desk.clock.step(20 * 60_000);
    assert!(
        desk.actor(&two, None).await.is_ok(),
        "used every twenty minutes"
    );
    desk.clock.step(40 * 60_000);
    assert!(desk.actor(&two, None).await.is_err(), "idle for forty");
    let four = desk.sign_in("anna", new).await.unwrap();
    for _ in 0..48 {
        desk.clock.step(15 * 60_000);
        drop(desk.actor(&four, None).await);
    }
    assert!(
        desk.actor(&four, None).await.is_err(),
        "twelve hours are over"
    );
}

async fn row_38_the_database_opens_no_session(place: &Place) {
    let desk = Desk::open(place).await;
    desk.add("anna", &[Role::Viewer], "lab").await;
    let token = desk.sign_in("anna", PASSWORD).await.unwrap();
    let sessions = desk
        .store
        .sessions_of(&"anna".parse().unwrap(), 0)
        .await
        .unwrap();
    for session in &sessions {
        let stored = session.hash.to_hex();
        assert_ne!(stored, token.as_str());
        let stolen = pushcast_engine::gateway::console::Token::from_cookie(&stored);
        assert!(desk.actor(&stolen, None).await.is_err());
    }
    let user = desk.store.user("anna").await.unwrap().unwrap();
    let hash = user.password_hash.unwrap();
    assert!(hash.starts_with("$argon2id$"), "{hash}");
}

fn change(user: &str, role: Role, scope: &str) -> GrantChange {
    GrantChange {
        user: user.parse().unwrap(),
        role,
        scope: Scope::from_stored(scope).unwrap(),
    }
}

async fn authors_of_live_workspaces_wait_for_a_second_administrator(place: &Place) {
    let desk = Desk::open(place).await;
    let root = desk.person("root", &[Role::Administrator], "lab").await;
    let rita = desk.person("rita", &[Role::Administrator], "lab").await;
    let ben = NewUser {
        name: "ben".to_owned(),
        full_name: "Ben".to_owned(),
        roles: vec![
            (Role::Author, Scope::from_stored("live").unwrap()),
            (Role::Author, Scope::from_stored("lab").unwrap()),
        ],
    };
    let link = desk.gateway.add_user(&root, ben.clone()).await.unwrap();
    let taken = desk.gateway.add_user(&root, ben).await;
    assert!(matches!(taken, Err(ConsoleError::Invalid(_))));
    let set_up = SetUp {
        name: "somebody else".to_owned(),
        ..first(&link)
    };
    desk.gateway.set_up(set_up).await.unwrap();
    let ben = desk.at_work("ben", "lab").await;
    assert!(ben.may(Action::Compose), "in the test workspace at once");
    let token = desk.sign_in("ben", PASSWORD).await.unwrap();
    let live = desk.actor(&token, Some("live")).await;
    assert!(matches!(live, Err(ConsoleError::NotFound { .. })));
    let waiting = desk.gateway.waiting_roles(&root).await.unwrap();
    assert_eq!(waiting, [change("ben", Role::Author, "live")]);
    let own = desk.gateway.agree_to_role(&root, waiting[0].clone()).await;
    assert!(matches!(own, Err(ConsoleError::NotNow(_))), "{own:?}");
    desk.gateway
        .agree_to_role(&rita, waiting[0].clone())
        .await
        .unwrap();
    let ben = desk.at_work("ben", "live").await;
    assert!(ben.may(Action::Compose) && !ben.may(Action::Approve));
    // A viewer's role counts at once.
    let counts = desk
        .gateway
        .give_role(&root, change("ben", Role::Viewer, "*"))
        .await;
    assert!(counts.unwrap());
    let counts = desk
        .gateway
        .give_role(&root, change("ben", Role::Approver, "*"))
        .await;
    assert!(!counts.unwrap(), "everywhere is also live");
    let audit = desk.audit().await;
    let agreed = ("rita", "agree_to_role", "user ben", "done");
    let found = audit.iter().any(|(who, action, object, result)| {
        (
            who.as_str(),
            action.as_str(),
            object.as_str(),
            result.as_str(),
        ) == agreed
    });
    assert!(found, "{audit:?}");
}

async fn the_last_administrator_stays(place: &Place) {
    let desk = Desk::open(place).await;
    let root = desk.person("root", &[Role::Administrator], "lab").await;
    let administrator = |name| change(name, Role::Administrator, "*");
    let last = desk.gateway.take_role(&root, administrator("root")).await;
    assert!(matches!(last, Err(ConsoleError::NotNow(_))), "{last:?}");
    let rita = desk.person("rita", &[Role::Administrator], "lab").await;
    desk.gateway
        .take_role(&rita, administrator("root"))
        .await
        .unwrap();
    let root = desk
        .actor(
            &desk
                .sign_in("root", PASSWORD)
                .await
                .unwrap_or_else(|_| pushcast_engine::gateway::console::Token::from_cookie("")),
            None,
        )
        .await;
    assert!(root.is_err(), "no role is left");
    let own = desk
        .gateway
        .set_disabled(&rita, &"rita".parse().unwrap(), true)
        .await;
    assert!(matches!(own, Err(ConsoleError::NotNow(_))), "{own:?}");
}

async fn whoever_is_disabled_is_out_at_once(place: &Place) {
    let desk = Desk::with(place, hasty()).await;
    let root = desk.person("root", &[Role::Administrator], "lab").await;
    desk.add("anna", &[Role::Author], "lab").await;
    let token = desk.sign_in("anna", PASSWORD).await.unwrap();
    let anna = "anna".parse().unwrap();
    desk.gateway.set_disabled(&root, &anna, true).await.unwrap();
    assert!(desk.actor(&token, None).await.is_err());
    let refused = desk.sign_in("anna", PASSWORD).await.unwrap_err();
    assert_eq!(refused.to_string(), "name or password is wrong");
    desk.gateway
        .set_disabled(&root, &anna, false)
        .await
        .unwrap();
    assert!(
        desk.actor(&token, None).await.is_err(),
        "the old session is over"
    );
    assert!(desk.sign_in("anna", PASSWORD).await.is_ok());
}
