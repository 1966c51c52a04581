use std::convert::Infallible;
use std::path::Path;

use axum::body::Bytes;
use futures_util::stream;
use tempfile::TempDir;

use super::*;
use crate::model;
use crate::store::Files;

const TYPE: &str = "multipart/related; boundary=b";
const LIMIT: u64 = 64 << 20;

/// A folder and a way into it.
struct Place {
    folder: TempDir,
    files: Files,
    bodies: Bodies,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            files: Files::open(folder.path()).unwrap(),
            folder,
            bodies: Bodies::new(),
        }
    }

    async fn read(&self, body: Body, max_bytes: u64) -> Result<Arrived, HttpError> {
        self.read_of("pi", body, max_bytes).await
    }

    async fn read_of(&self, from: &str, body: Body, max_bytes: u64) -> Result<Arrived, HttpError> {
        let incoming = Incoming {
            from: &from.parse().unwrap(),
            content_type: TYPE,
            max_bytes,
            body,
        };
        let spool = Spool::new(self.files.clone());
        self.bodies.read(incoming, spool).await
    }

    fn temporaries(&self) -> usize {
        count(&self.folder.path().join("objects/tmp"))
    }

    /// Files with a name, and those without: the folder `tmp` itself is not one.
    fn is_empty(&self) -> bool {
        self.temporaries() == 0 && count(&self.folder.path().join("objects")) == 1
    }
}

fn count(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

fn message(content: &[u8]) -> Vec<u8> {
    let head = b"--b\r\n\r\n<pap/>\r\n--b\r\nContent-Type: a/b\r\n\r\n";
    [head, content, b"\r\n--b--\r\n"].concat()
}

fn octets(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|index| (index % 251) as u8).collect()
}

/// A body of these chunks, each so long after the one before.
fn paced(chunks: Vec<Vec<u8>>, pause: Duration) -> Body {
    Body::from_stream(stream::unfold(
        chunks.into_iter(),
        move |mut chunks| async move {
            tokio::time::sleep(pause).await;
            let chunk = Bytes::from(chunks.next()?);
            Some((Ok::<_, Infallible>(chunk), chunks))
        },
    ))
}

fn in_chunks(octets: &[u8], bytes: usize) -> Vec<Vec<u8>> {
    octets.chunks(bytes).map(<[u8]>::to_vec).collect()
}

async fn trickle(chunk_bytes: usize, total: usize, pause: Duration) -> Result<Arrived, HttpError> {
    let chunks = in_chunks(&message(&octets(total)), chunk_bytes);
    Place::new().read(paced(chunks, pause), LIMIT).await
}

#[tokio::test]
async fn short_content_touches_no_file() {
    let place = Place::new();
    let arrived = place.read(message(b"short").into(), LIMIT).await.unwrap();
    let content = arrived.message.unwrap().content.unwrap();
    assert!(!content.body.is_file() && place.is_empty());
    assert_eq!(
        content.body.finish().unwrap(),
        model::Body::Inline(b"short".to_vec())
    );
}

#[tokio::test]
async fn long_content_goes_to_a_file_without_a_name() {
    let place = Place::new();
    let body = message(&octets(1 << 20));
    let chunks = in_chunks(&body, 5000);
    let arrived = place.read(paced(chunks, Duration::ZERO), LIMIT).await;
    let arrived = arrived.unwrap();
    let digest: [u8; 32] = sha2::Sha256::digest(&body).into();
    assert_eq!(arrived.request_sha256, Sha256(digest));
    let content = arrived.message.unwrap().content.unwrap();
    assert!(content.body.is_file());
    assert_eq!(place.temporaries(), 1);
    let model::Body::File { sha256, bytes } = content.body.finish().unwrap() else {
        panic!("not a file");
    };
    assert_eq!(bytes, 1 << 20);
    let stored = std::fs::read(place.files.path(sha256)).unwrap();
    assert_eq!(stored, octets(1 << 20));
}

#[tokio::test]
async fn broken_bodies_leave_nothing() {
    let place = Place::new();
    let body = message(&octets(1 << 20));
    let cut = body[..body.len() - 8].to_vec();
    let arrived = place.read(cut.into(), LIMIT).await.unwrap();
    let unreadable = arrived.message.unwrap_err();
    assert_eq!(unreadable.error, crate::pap::MimeError::Unclosed);
    assert_eq!(unreadable.control.as_deref(), Some(&b"<pap/>"[..]));
    assert!(place.is_empty());

    let chunks = in_chunks(&body, 5000);
    let refused = place.read(paced(chunks, Duration::ZERO), 1 << 19).await;
    assert!(matches!(
        refused,
        Err(HttpError::TooLarge { max_bytes: 524_288 })
    ));
    assert!(place.is_empty());
}

#[tokio::test]
async fn a_full_disk_is_said_at_once() {
    let place = Place::new();
    std::fs::remove_dir_all(place.folder.path().join("objects/tmp")).unwrap();
    let refused = place.read(message(&octets(1 << 20)).into(), LIMIT).await;
    assert!(matches!(
        refused,
        Err(HttpError::Unavailable(GatewayError::Spool(_)))
    ));
}

#[tokio::test(start_paused = true)]
async fn slow_bodies_are_cut_off() {
    let second = Duration::from_secs(1);
    let began = Instant::now();
    let refused = trickle(1, 100, second).await;
    assert!(matches!(refused, Err(HttpError::TooSlow)));
    assert_eq!(began.elapsed(), GRACE);
    let tenth = second / 10;
    let refused = trickle(100, 100_000, tenth).await;
    assert!(matches!(refused, Err(HttpError::TooSlow)));
    assert!(trickle(110, 100_000, tenth).await.is_ok());
    assert!(trickle(20, 100, second).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_fast_start_earns_no_long_pause() {
    let body = message(&octets(1 << 20));
    let pause = MAX_PAUSE + Duration::from_secs(1);
    let chunks = in_chunks(&body, 1 << 19);
    let refused = Place::new().read(paced(chunks, pause), LIMIT).await;
    assert!(matches!(refused, Err(HttpError::TooSlow)));
}

#[tokio::test(start_paused = true)]
async fn long_bodies_wait_in_line_and_short_ones_do_not() {
    let place = Place::new();
    let taken = place.bodies.places.acquire_many(MAX_LONG_BODIES as u32);
    let taken = taken.await.unwrap();
    assert!(place.read(message(b"short").into(), LIMIT).await.is_ok());
    let long = message(&octets(1 << 20));
    let refused = place.read(long.clone().into(), LIMIT).await;
    assert!(matches!(refused, Err(HttpError::Busy)));
    drop(taken);
    assert!(place.read(long.into(), LIMIT).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn one_initiator_leaves_most_places_to_others() {
    let place = Place::new();
    let greedy = "greedy".parse().unwrap();
    let mut held = Vec::new();
    for _ in 0..MAX_OF_ONE {
        held.push(place.bodies.place(&greedy).await.unwrap());
    }
    let long = message(&octets(1 << 20));
    let refused = place.read_of("greedy", long.clone().into(), LIMIT).await;
    assert!(matches!(refused, Err(HttpError::Busy)));
    let other = place.read_of("other", long.clone().into(), LIMIT).await;
    assert!(other.is_ok());
    held.pop();
    let again = place.read_of("greedy", long.into(), LIMIT).await;
    assert!(again.is_ok());
}
