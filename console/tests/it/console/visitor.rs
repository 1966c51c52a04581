//! People at the console as their browsers' requests, and how they came to have their roles.

use std::time::Duration;

use pushcast_engine::model::Role;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response};

use crate::gateway::{Gateway, PATIENCE, Setup};
use crate::process::wait_for;

/// A password that is long enough.
const PASSWORD: &str = "correct horse battery";

/// A gateway with a workspace to practise in that owns its channel.
pub(super) fn gateway() -> Gateway {
    Setup::new()
        .with(
            "[[workspace]]\nname = \"live\"\nmode = \"live\"\n\
             [[workspace]]\nname = \"lab\"\nmode = \"test\"\nchannels = [\"air\"]\n",
        )
        .start()
}

/// A client that follows no redirection, so that every answer is seen.
pub(super) fn client() -> Client {
    // Whoever comes second finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap()
}

/// Somebody with a session.
pub(super) struct Visitor {
    pub(super) client: Client,
    base: String,
    cookie: String,
    pub(super) token: String,
}

impl Visitor {
    /// The first person, by the link that the gateway prints.
    pub(super) async fn first(gateway: &Gateway) -> Self {
        let base = gateway.base();
        let link = wait_for("a link for the first person", PATIENCE, || {
            let said = gateway.said();
            let at = said.find("/set-up/")?;
            let link = said[at..]
                .split(|c: char| c.is_whitespace() || c == '"')
                .next()?;
            Some(link.to_owned())
        });
        Self::by_link(&base, &link, "first").await
    }

    async fn by_link(base: &str, link: &str, name: &str) -> Self {
        let client = client();
        let form = format!("name={name}&full_name=&password={PASSWORD}&again={PASSWORD}");
        let answer = post(&client, &format!("{base}{link}"), &form.replace(' ', "+"));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let path = answer.headers()[LOCATION].to_str().unwrap().to_owned();
        let mut visitor = Self {
            client,
            base: base.to_owned(),
            cookie,
            token: String::new(),
        };
        let page = visitor
            .get(&path)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        visitor.token = between(&page, "name=\"token\" value=\"", "\"").unwrap();
        visitor
    }

    /// Somebody else with one role.
    pub(super) async fn invited(&self, role: Role) -> Self {
        let scope = match role {
            Role::Administrator => "*",
            _ => "lab",
        };
        let form = format!("name={role}&full_name=&roles={role}&scope={scope}");
        let page = self.post("/w/lab/users", &form).send().await.unwrap();
        let page = page.text().await.unwrap();
        let link = between(&page, "/set-up/", "<").expect("an invitation shows its link");
        Self::by_link(&self.base, &format!("/set-up/{link}"), "").await
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        let request = self.client.get(format!("{}{path}", self.base));
        request.header(COOKIE, &self.cookie)
    }

    /// A form of one of our pages.
    pub(super) fn post(&self, path: &str, form: &str) -> RequestBuilder {
        let form = format!("token={}&{form}", self.token);
        self.bare_post(path, &form)
    }

    /// A form with exactly these fields.
    pub(super) fn bare_post(&self, path: &str, form: &str) -> RequestBuilder {
        let request = post(&self.client, &format!("{}{path}", self.base), form);
        request.header(COOKIE, &self.cookie)
    }

    /// A form with a file field that holds none.
    pub(super) fn upload(&self, path: &str) -> RequestBuilder {
        self.multipart(path, &[("token", &self.token), ("language", "en")], "")
    }

    /// A form with boxes that are ticked, and a file.
    pub(super) fn upload_file(&self, path: &str, text: &str, ticked: &[&str]) -> RequestBuilder {
        let mut fields = vec![("token", self.token.as_str())];
        fields.extend(ticked.iter().map(|name| (*name, "yes")));
        let file = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n\
             {text}\r\n"
        );
        self.multipart(path, &fields, &file)
    }

    fn multipart(&self, path: &str, fields: &[(&str, &str)], file: &str) -> RequestBuilder {
        let part = |(name, value): &(&str, &str)| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let fields: String = fields.iter().map(part).collect();
        let body = format!("{fields}{file}--b--\r\n");
        self.client
            .post(format!("{}{path}", self.base))
            .header("content-type", "multipart/form-data; boundary=b")
            .header("sec-fetch-site", "same-origin")
            .header(COOKIE, &self.cookie)
            .body(body)
    }
}

fn post(client: &Client, url: &str, form: &str) -> RequestBuilder {
    client
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(form.to_owned())
}

pub(super) fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    let (found, _) = rest.split_once(after)?;
    Some(found.to_owned())
}

/// What an answer came to, for a message.
pub(super) async fn said(answer: Response) -> String {
    let text = answer.text().await.unwrap_or_default();
    between(&text, "<h1>", "</h1>").unwrap_or_default()
}
