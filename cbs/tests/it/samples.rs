//! The files of `tests/samples`.

use std::path::{Path, PathBuf};

use serde_json::Value;

pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/samples")
        .join(name)
}

pub fn read(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

/// One encoder vector: what goes in, what every page is.
pub struct Vector {
    pub name: String,
    pub charset: String,
    pub text: String,
    pub language: Option<String>,
    pub dcs: u8,
    pub serial: u16,
    pub message_id: u16,
    pub used: Vec<usize>,
    pub septets: Option<Vec<usize>>,
    pub pages: Vec<Vec<u8>>,
    pub tshark_matches: bool,
}

pub fn vectors() -> Vec<Vector> {
    let vectors: Vec<Value> = serde_json::from_slice(&read("vectors.json")).unwrap();
    vectors.iter().map(vector).collect()
}

fn vector(value: &Value) -> Vector {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let number = |key: &str| value[key].as_u64().unwrap();
    let numbers = |key: &str| {
        let numbers = value[key].as_array()?;
        Some(
            numbers
                .iter()
                .map(|n| n.as_u64().unwrap() as usize)
                .collect(),
        )
    };
    let pages = value["pages"].as_array().unwrap();
    Vector {
        name: text("name").unwrap(),
        charset: text("charset").unwrap(),
        text: text("text").unwrap(),
        language: text("language"),
        dcs: number("dcs") as u8,
        serial: number("serial") as u16,
        message_id: number("message_id") as u16,
        used: numbers("info_length_octets").unwrap(),
        septets: numbers("septets_per_page"),
        pages: pages
            .iter()
            .map(|page| hex(page.as_str().unwrap()))
            .collect(),
        tshark_matches: value["tshark_4_0_17_text_matches"].as_bool().unwrap(),
    }
}

pub fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks_exact(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
