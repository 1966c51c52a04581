//! The second factor: a code that counts once, and what there is for whoever has lost the device.

use pushcast_engine::gateway::console::{
    Actor, Code, CodeTicket, ConsoleError, Credentials, SignIn, SignedIn, WorkspaceForm,
};
use pushcast_engine::model::{Action, Role};
use totp_rs::{Builder, Secret};

use super::desk::{Desk, HERE, PASSWORD};
use crate::store::place::Place;

crate::store::stories!(
    row_31_a_code_is_asked_and_counts_once,
    recovery_codes_let_in_once_each,
    wrong_codes_are_few,
    a_workspace_may_demand_a_second_factor,
    an_administrator_takes_a_factor_away,
);

/// Somebody's device.
struct Device(totp_rs::Totp);

impl Device {
    fn of(secret: &str) -> Self {
        let secret = Secret::try_from_base32(secret).unwrap();
        Self(Builder::new().with_secret(secret).build().unwrap())
    }

    fn code(&self, desk: &Desk) -> String {
        self.0.generate(desk.clock.unix_ms() / 1000).to_string()
    }
}

/// A code of another thirty seconds than any before.
fn next(desk: &Desk, device: &Device) -> String {
    desk.clock.step(60_000);
    device.code(desk)
}

async fn set_up(desk: &Desk, actor: &Actor) -> (Device, Vec<String>) {
    let made = desk.gateway.begin_factor(actor).await.unwrap();
    assert!(made.url.contains(&made.secret), "{}", made.url);
    let device = Device::of(&made.secret);
    let code = next(desk, &device);
    let codes = desk.gateway.confirm_factor(actor, &code).await.unwrap();
    assert_eq!(codes.len(), 10);
    (device, codes)
}

async fn ticket(desk: &Desk, name: &str) -> CodeTicket {
    let credentials = Credentials {
        name: name.to_owned(),
        password: PASSWORD.to_owned(),
        from: HERE,
        agent: "test".to_owned(),
    };
    match desk.gateway.sign_in(credentials).await.unwrap() {
        SignIn::CodeNeeded(ticket) => ticket,
        SignIn::Begun(_) => panic!("no code was asked"),
    }
}

async fn give(desk: &Desk, ticket: &CodeTicket, code: &str) -> Result<SignedIn, ConsoleError> {
    let code = Code {
        ticket: ticket.clone(),
        code: code.to_owned(),
        from: HERE,
        agent: "test".to_owned(),
    };
    desk.gateway.give_code(code).await
}

fn wrong(answer: Result<SignedIn, ConsoleError>) {
    assert!(
        matches!(&answer, Err(ConsoleError::Invalid(fields)) if fields[0].field == "code"),
        "{answer:?}"
    );
}

async fn row_31_a_code_is_asked_and_counts_once(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", &[Role::Viewer], "lab").await;
    let other = desk.at_work("anna", "lab").await;
    let made = desk.gateway.begin_factor(&anna).await.unwrap();
    let device = Device::of(&made.secret);
    let bad = desk.gateway.confirm_factor(&anna, "000000x").await;
    assert!(matches!(bad, Err(ConsoleError::Invalid(_))), "{bad:?}");
    // A secret of which no code was shown counts for nothing.
    assert!(desk.sign_in("anna", PASSWORD).await.is_ok());
    let code = next(&desk, &device);
    desk.gateway.confirm_factor(&anna, &code).await.unwrap();
    let again = desk.gateway.begin_factor(&anna).await.map(drop);
    assert!(matches!(again, Err(ConsoleError::NotNow(_))), "{again:?}");
    let sessions = desk.gateway.own_sessions(&anna).await.unwrap();
    assert!(sessions.iter().all(|session| session.id != other.session));
    let first = ticket(&desk, "anna").await;
    let opens = pushcast_engine::gateway::console::Token::from_cookie(first.as_str());
    assert!(
        desk.actor(&opens, None).await.is_err(),
        "the word is no session"
    );
    wrong(give(&desk, &first, &code).await);
    wrong(give(&desk, &first, PASSWORD).await);
    let code = next(&desk, &device);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let session = give(&desk, &first, &spaced).await.unwrap();
    assert!(desk.actor(&session.token, None).await.is_ok());
    let used = give(&desk, &first, &next(&desk, &device)).await;
    assert!(matches!(used, Err(ConsoleError::SignedOut)), "{used:?}");
    // The code that was taken is not taken from anybody else either.
    let code = next(&desk, &device);
    let (one, two) = (ticket(&desk, "anna").await, ticket(&desk, "anna").await);
    give(&desk, &one, &code).await.unwrap();
    wrong(give(&desk, &two, &code).await);
    desk.clock.step(300_001);
    let late = give(&desk, &two, &device.code(&desk)).await;
    assert!(matches!(late, Err(ConsoleError::SignedOut)), "{late:?}");
    let stored = desk.store.factor(anna.name()).await.unwrap().unwrap();
    assert!(!format!("{stored:?}").contains(&made.secret));
}

async fn recovery_codes_let_in_once_each(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", &[Role::Viewer], "lab").await;
    let (_, codes) = set_up(&desk, &anna).await;
    let stored = desk.store.factor(anna.name()).await.unwrap().unwrap();
    assert!(codes.iter().all(|code| !stored.recovery.contains(code)));
    let typed = codes[3].to_uppercase().replace('-', " ");
    give(&desk, &ticket(&desk, "anna").await, &typed)
        .await
        .unwrap();
    wrong(give(&desk, &ticket(&desk, "anna").await, &typed).await);
    give(&desk, &ticket(&desk, "anna").await, &codes[4])
        .await
        .unwrap();
    let factor = desk.gateway.own_factor(&anna).await.unwrap();
    assert_eq!(factor.recovery_left, 8);
    let audit = desk.audit().await;
    let used = audit
        .iter()
        .filter(|(_, action, ..)| action == "use_recovery_code");
    assert_eq!(used.count(), 2);
}

async fn wrong_codes_are_few(place: &Place) {
    let desk = Desk::open(place).await;
    let anna = desk.person("anna", &[Role::Viewer], "lab").await;
    let (device, _) = set_up(&desk, &anna).await;
    let mut last = None;
    // A new word for each does not help.
    for _ in 0..11 {
        let ticket = ticket(&desk, "anna").await;
        last = Some(give(&desk, &ticket, "abc").await);
    }
    assert!(
        matches!(last, Some(Err(ConsoleError::Attempts { .. }))),
        "{last:?}"
    );
    let ticket = ticket(&desk, "anna").await;
    let right = give(&desk, &ticket, &device.code(&desk)).await;
    assert!(
        matches!(right, Err(ConsoleError::Attempts { .. })),
        "the right one waits too"
    );
}

async fn a_workspace_may_demand_a_second_factor(place: &Place) {
    let desk = Desk::open(place).await;
    let root = desk.person("root", &[Role::Administrator], "live").await;
    let live = "live".parse().unwrap();
    let all = desk.gateway.workspaces(&root).await.unwrap();
    let before = all.into_iter().find(|open| open.name == live).unwrap();
    let form = WorkspaceForm {
        title: before.title,
        channels: before.channels,
        approval: before.approval,
        languages: before.languages,
        second_factor: true,
        rest_after_months: None,
    };
    desk.gateway
        .change_workspace(&root, &live, form)
        .await
        .unwrap();
    let anna = desk.person("anna", &[Role::Author], "live").await;
    assert!(!anna.may(Action::Compose) && anna.may(Action::Stop) && anna.may(Action::See));
    let refused = desk.gateway.authorize(&anna, Action::Compose).await;
    assert!(
        matches!(refused, Err(ConsoleError::FactorNeeded)),
        "{refused:?}"
    );
    set_up(&desk, &anna).await;
    let token = give_token(&desk).await;
    let anna = desk.actor(&token, Some("live")).await.unwrap();
    assert!(anna.may(Action::Compose));
    let refused = desk.gateway.drop_factor(&anna, "wrong").await;
    assert!(
        matches!(refused, Err(ConsoleError::Invalid(_))),
        "{refused:?}"
    );
    desk.gateway.drop_factor(&anna, PASSWORD).await.unwrap();
    let anna = desk.at_work("anna", "live").await;
    assert!(!anna.may(Action::Compose));
}

/// A session of `anna` by the next code of her device.
async fn give_token(desk: &Desk) -> pushcast_engine::gateway::console::Token {
    let name = "anna".parse().unwrap();
    let stored = desk.store.factor(&name).await.unwrap().unwrap();
    let device = Device::of(&stored.secret);
    let ticket = ticket(desk, "anna").await;
    let code = next(desk, &device);
    give(desk, &ticket, &code).await.unwrap().token
}

async fn an_administrator_takes_a_factor_away(place: &Place) {
    let desk = Desk::open(place).await;
    let root = desk.person("root", &[Role::Administrator], "lab").await;
    let anna = desk.person("anna", &[Role::Viewer], "lab").await;
    set_up(&desk, &anna).await;
    assert!(
        desk.gateway
            .user(&root, anna.name())
            .await
            .unwrap()
            .has_factor
    );
    desk.gateway
        .remove_factor(&root, anna.name())
        .await
        .unwrap();
    assert!(desk.sign_in("anna", PASSWORD).await.is_ok());
    let audit = desk.audit().await;
    let done = ("root", "remove_factor", "user anna", "done");
    assert!(audit.iter().any(|(who, action, object, result)| {
        (
            who.as_str(),
            action.as_str(),
            object.as_str(),
            result.as_str(),
        ) == done
    }));
}
