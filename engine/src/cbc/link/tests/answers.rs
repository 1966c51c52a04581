//! What a centre may answer, read off the wire.

use super::*;

#[tokio::test]
async fn every_recorded_answer_is_read_off_the_wire() {
    let mut count = 0;
    let mut files: Vec<_> = std::fs::read_dir(RECORDED).unwrap().flatten().collect();
    files.sort_by_key(std::fs::DirEntry::path);
    for file in files {
        let path = file.path();
        if path
            .extension()
            .is_none_or(|ending| ending != "http-response")
        {
            continue;
        }
        let recorded = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&recorded).into_owned();
        let is_answer = text.starts_with("HTTP/1.1 ");
        let (url, _requests) = centre(Some(recorded)).await;
        let way = Transport::new(&spec(&url)).unwrap();
        let ecbe = Centre::new(&spec(&url)).unwrap();
        let alert = alert(1, u64::MAX);
        let [message] = &alert.messages[..] else {
            unreachable!("one message");
        };
        let request = ecbe.submit(&message.broadcast, &message.stamps[0]).unwrap();
        match way.exchange(&request).await {
            Exchange::Answer { status, body } if is_answer => {
                let expected = text.split(' ').nth(1).unwrap();
                assert_eq!(status.to_string(), expected, "{}", path.display());
                assert!(body.len() <= 1000, "{}", path.display());
            }
            // A recording of no answer.
            Exchange::NoAnswer if !is_answer => {}
            other => panic!("{}: {other:?}", path.display()),
        }
        count += 1;
    }
    assert!(count >= 20, "{count}");
}

#[tokio::test]
async fn garbage_and_half_frames_are_no_answers() {
    for answer in [
        &b"garbage\r\n\r\n"[..],
        b"",
        b"HTTP/1.1 201 Created\r\nContent-Le",
        b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nCre",
        b"\x16\x03\x01\x02\x00\x01",
    ] {
        let (url, _requests) = centre(Some(answer.to_vec())).await;
        let way = Transport::new(&spec(&url)).unwrap();
        let ecbe = Centre::new(&spec(&url)).unwrap();
        let alert = alert(1, u64::MAX);
        let message = &alert.messages[0];
        let request = ecbe.submit(&message.broadcast, &message.stamps[0]).unwrap();
        assert_eq!(
            way.exchange(&request).await,
            Exchange::NoAnswer,
            "{answer:?}"
        );
    }
    let (url, _requests) = centre(None).await;
    let way = Transport::new(&spec(&url)).unwrap();
    let ecbe = Centre::new(&spec(&url)).unwrap();
    let alert = alert(1, u64::MAX);
    let message = &alert.messages[0];
    let request = ecbe.submit(&message.broadcast, &message.stamps[0]).unwrap();
    assert_eq!(way.exchange(&request).await, Exchange::NoAnswer);
    let gone = Transport::new(&spec("http://127.0.0.1:1")).unwrap();
    assert_eq!(gone.exchange(&request).await, Exchange::NotSent);
    assert!(!gone.is_reachable().await);
}

#[tokio::test]
async fn an_answer_too_many_is_not_that_of_the_next_request() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while request(&mut stream).await.is_some() {
                    let conflict = b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n";
                    let twice = [CREATED, conflict].concat();
                    if stream.write_all(&twice).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let way = Transport::new(&spec(&url)).unwrap();
    let ecbe = Centre::new(&spec(&url)).unwrap();
    let alert = alert(1, u64::MAX);
    let message = &alert.messages[0];
    let request = ecbe.submit(&message.broadcast, &message.stamps[0]).unwrap();
    for number in 0..20 {
        match way.exchange(&request).await {
            Exchange::Answer { status, .. } => assert_eq!(status, 201, "request {number}"),
            Exchange::NoAnswer => {}
            Exchange::NotSent => panic!("request {number} was not sent"),
        }
    }
}
