use super::*;
use crate::model::StatusCode;
use crate::pap::notify::peer::{Answer, Peer};
use crate::pap::response::PushResponse;

const ADDRESS: &str = "WAPPUSH=group%2Flab/TYPE=USER@ppg.example";

fn client(peer: &Peer, credentials: Option<Credentials>) -> PapClient {
    PapClient::new(&peer.url("127.0.0.1"), credentials).unwrap()
}

fn push_id() -> PushId {
    "one@pi.example".parse().unwrap()
}

fn push() -> PushMessage {
    PushMessage {
        push_id: push_id(),
        replaces: None,
        deliver_before_ms: None,
        deliver_after_ms: None,
        source_reference: None,
        notify_url: None,
        progress_notes: false,
        addresses: vec![ADDRESS.into()],
        quality_of_service: None,
    }
}

fn content(body: Vec<u8>) -> Entity {
    Entity {
        content_type: "text/plain".to_owned(),
        headers: vec![("X-Wap-Application-Id".to_owned(), "7".to_owned())],
        body,
    }
}

fn accepted() -> (Response, Answer) {
    let response = PushResponse::new(push_id(), StatusCode::Accepted, "queued");
    let response = Response::Push(response);
    let answer = Answer::body("202 Accepted", &response.to_xml(Envelope::OWN));
    (response, answer)
}

#[tokio::test]
async fn a_push_goes_out_whole_and_its_answer_comes_back() {
    let (response, answer) = accepted();
    let mut peer = Peer::start(vec![answer]).await;
    let credentials = Credentials {
        user: "pi".to_owned(),
        password: "secret".to_owned(),
    };
    assert!(!format!("{credentials:?}").contains("secret"));
    let content = content(vec![b'\n'; MAX_CONTENT_BYTES]);
    let answered = client(&peer, Some(credentials))
        .submit(push(), &content)
        .await
        .unwrap();
    assert_eq!(answered, response);
    let seen = peer.request().await;
    let head = seen.head.to_ascii_lowercase();
    assert!(seen.head.contains("Basic cGk6c2VjcmV0"), "{head}");
    let content_type = head
        .lines()
        .find_map(|line| line.strip_prefix("content-type: "))
        .unwrap();
    let message = Message::read(content_type, &seen.body).unwrap();
    assert_eq!(message.content, Some(content));
    let request = crate::pap::Request::read(&message.control).unwrap();
    assert_eq!(request.operation, Operation::Push(push()));
}

#[tokio::test]
async fn queries_and_cancellations_are_control_documents() {
    let (_, answer) = accepted();
    let mut peer = Peer::start(vec![answer]).await;
    let client = client(&peer, None);
    client.status(push_id(), Vec::new()).await.unwrap();
    client
        .cancel(push_id(), vec![ADDRESS.into()])
        .await
        .unwrap();
    let query = peer.request().await;
    assert!(query.head.contains("application/xml"), "{}", query.head);
    assert!(!query.head.to_ascii_lowercase().contains("authorization"));
    assert!(query.text().contains("statusquery-message"));
    let cancel = peer.request().await;
    assert!(cancel.text().contains("cancel-message"));
    assert!(cancel.text().contains(ADDRESS));
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_with_facts() {
    let mut peer = Peer::start(vec![
        Answer::body("413 Content Too Large", "at most 1 MiB"),
        Answer::body("200 OK", "<html>"),
        Answer::Endless("HTTP/1.1 202 Accepted\r\nContent-Length: 1073741824\r\n\r\n"),
        Answer::Hang,
    ])
    .await;
    let client = client(&peer, None);
    let mut errors = Vec::new();
    for _ in 0..3 {
        errors.push(client.status(push_id(), Vec::new()).await.unwrap_err());
    }
    let PapClientError::Status { status, excerpt } = &errors[0] else {
        panic!("{:?}", errors[0]);
    };
    assert_eq!((*status, excerpt.as_str()), (413, "at most 1 MiB"));
    assert!(matches!(&errors[1], PapClientError::Answer { excerpt, .. } if excerpt == "<html>"));
    assert!(matches!(errors[2], PapClientError::Answer { .. }));
    assert!(peer.taken().await < 1 << 29);
    let hasty = client.with_timeout(Duration::from_millis(50));
    let error = hasty.cancel(push_id(), Vec::new()).await.unwrap_err();
    assert!(matches!(error, PapClientError::Timeout { .. }), "{error:?}");
    let error = hasty
        .submit(push(), &content(vec![0; MAX_CONTENT_BYTES + 1]))
        .await
        .unwrap_err();
    assert!(matches!(error, PapClientError::ContentTooLong { .. }));
}

#[tokio::test]
async fn nobody_there_is_an_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/pap", listener.local_addr().unwrap());
    drop(listener);
    let client = PapClient::new(&url, None).unwrap();
    let error = client.status(push_id(), Vec::new()).await.unwrap_err();
    assert!(matches!(error, PapClientError::Transport(_)), "{error:?}");
}

#[test]
fn addresses_of_gateways_are_checked() {
    for url in [
        "",
        "ppg.example",
        "ftp://ppg.example",
        "http://a:b@ppg.example/pap",
    ] {
        let error = PapClient::new(url, None).unwrap_err();
        assert!(
            matches!(error, PapClientError::Url { .. }),
            "{url}: {error:?}"
        );
    }
}
