//! A PI's server for result notifications: records them, answers 202.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Push-ids and the states that were told for them.
type Told = Arc<Mutex<HashMap<String, Vec<String>>>>;

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
        self.told.lock().unwrap().clone()
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
    told.lock()
        .unwrap()
        .entry(attribute("push-id"))
        .or_default()
        .push(attribute("message-state"));
    let _ = stream
        .write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}
