//! A PI's server for result notifications: records them, answers 202.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Push-ids with the states that were told for them, and the documents.
type Told = Arc<Mutex<(HashMap<String, Vec<String>>, Vec<String>)>>;

pub(crate) struct Notified {
    pub(crate) url: String,
    told: Told,
}

impl Notified {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}/results", listener.local_addr().unwrap());
        let told = Told::default();
        let shared = Arc::clone(&told);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let told = Arc::clone(&shared);
                std::thread::spawn(move || take(stream, &told));
            }
        });
        Self { url, told }
    }

    /// The states told for each push so far.
    pub(crate) fn told(&self) -> HashMap<String, Vec<String>> {
        self.told.lock().unwrap().0.clone()
    }

    /// The documents posted so far.
    pub(crate) fn documents(&self) -> Vec<String> {
        self.told.lock().unwrap().1.clone()
    }
}

fn take(mut stream: TcpStream, told: &Told) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains("</pap>") {
        match stream.read(&mut buffer) {
            Ok(len) if len > 0 => text.push_str(&String::from_utf8_lossy(&buffer[..len])),
            _ => return,
        }
    }
    let attribute = |name: &str| {
        let start = text.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
        text[start..].split('"').next().unwrap().to_owned()
    };
    let (push_id, state) = (attribute("push-id"), attribute("message-state"));
    {
        let mut told = told.lock().unwrap();
        told.0.entry(push_id).or_default().push(state);
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        told.1.push(body.to_owned());
    }
    let _ = stream
        .write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}
