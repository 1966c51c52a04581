//! Each role against each line of the console's list of routes. A new line is tried without a word
//! here: the list is the one that the router is made from.

use pushcast_console::http::routes::{Access, Brings, ROUTES, Route};
use pushcast_engine::model::Role;
use reqwest::{Method, RequestBuilder, StatusCode};

use super::visitor::{Visitor, client, gateway, said};

/// The path in the workspace of tests, about things that are not there.
fn path(route: &Route) -> String {
    let mut path = String::new();
    for part in route.path.split('/').skip(1) {
        path.push('/');
        path.push_str(match part {
            "{workspace}" => "lab",
            "{seq}" => "999999",
            part if part.starts_with('{') => "none",
            part => part,
        });
    }
    path
}

fn request(visitor: &Visitor, route: &Route) -> RequestBuilder {
    let path = path(route);
    match route.brings {
        Brings::Form => visitor.post(&path, ""),
        Brings::File => visitor.upload(&path),
        Brings::Nothing => visitor.get(&path),
    }
}

/// Signing out comes last: it ends the session.
fn in_order() -> Vec<&'static Route> {
    let mut routes: Vec<&Route> = ROUTES.iter().collect();
    routes.sort_by_key(|route| route.path == "/sign-out");
    routes
}

#[tokio::test]
async fn each_role_gets_where_it_may_and_nowhere_else() {
    let gateway = gateway();
    let first = Visitor::first(&gateway).await;
    let mut wrong = Vec::new();
    let mut tried = 0;
    for role in Role::ALL {
        let visitor = first.invited(*role).await;
        for route in in_order() {
            let allowed = match route.access {
                Access::May(action) => role.may(action),
                Access::SignedIn => true,
                Access::Public => continue,
            };
            let answer = request(&visitor, route).send().await.unwrap();
            let status = answer.status();
            let refused = status == StatusCode::FORBIDDEN;
            if refused == allowed || status.is_server_error() || status == StatusCode::UNAUTHORIZED
            {
                let said = said(answer).await;
                wrong.push(format!(
                    "{role} {} {}: {status} {said}",
                    route.method, route.path
                ));
            }
            tried += 1;
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(tried >= 6 * 80, "{tried} requests");
}

#[tokio::test]
async fn nobody_gets_anywhere_without_a_session() {
    let gateway = gateway();
    let client = client();
    for route in ROUTES.iter().filter(|route| route.access != Access::Public) {
        let url = format!("{}{}", gateway.base(), path(route));
        let request = client
            .request(route.method.clone(), url)
            .header("sec-fetch-site", "same-origin");
        let request = match route.brings {
            Brings::Form => request
                .header("content-type", "application/x-www-form-urlencoded")
                .body("a=b"),
            Brings::File | Brings::Nothing => request,
        };
        let answer = request.send().await.unwrap();
        assert_eq!(
            answer.status(),
            StatusCode::UNAUTHORIZED,
            "{} {}",
            route.method,
            route.path
        );
    }
}

/// Rows 29 and 30 on every line: another site's form, a form without the token, and what every
/// answer carries.
#[tokio::test]
async fn row_29_and_30_every_line_is_guarded() {
    let gateway = gateway();
    let first = Visitor::first(&gateway).await;
    for route in in_order() {
        let path = path(route);
        if route.method == Method::POST {
            for site in ["cross-site", "same-site"] {
                let foreign = first.bare_post(&path, &format!("token={}", first.token));
                // The later header is the one that a browser would have sent.
                let mut foreign = foreign.build().unwrap();
                foreign
                    .headers_mut()
                    .insert("sec-fetch-site", site.parse().unwrap());
                let answer = first.client.execute(foreign).await.unwrap();
                assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{site} {path}");
            }
        }
        if route.brings == Brings::Form && route.access != Access::Public {
            let answer = first
                .bare_post(&path, "token=guessed")
                .send()
                .await
                .unwrap();
            assert_eq!(
                answer.status(),
                StatusCode::FORBIDDEN,
                "without the token: {path}"
            );
        }
        let answer = first.get(&path).send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"),
            "{path}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert!(header("cache-control").starts_with("no-"), "{path}");
    }
}
