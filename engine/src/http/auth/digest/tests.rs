use axum::http::HeaderValue;

use super::*;

fn answer(text: &str) -> Answer {
    let value = HeaderValue::from_str(text).unwrap();
    Answer::try_from(&value).unwrap_or_else(|error| panic!("{error}"))
}

/// The inputs of RFC 7616 3.9.1 with our realm; the digests were made with another program.
fn of(algorithm: &str, response: &str) -> Answer {
    answer(&format!(
        "Digest username=\"Mufasa\", realm=\"pushcast\", uri=\"/dir/index.html\", \
         algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
         nc=00000001, cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, \
         response=\"{response}\""
    ))
}

#[test]
fn answers_of_both_algorithms_are_right() {
    let secret = DigestSecret::new("Mufasa", "Circle of Life");
    for (algorithm, response) in [
        ("MD5", "4d87100e67be3476bca451b63c14c183"),
        (
            "SHA-256",
            "c98aead1904d1a9ac050f46026c2ed2cc7b66bee9464f2e26f453fd4dba7c8a1",
        ),
    ] {
        let right = of(algorithm, response);
        assert!(right.is_right(&secret, &Method::GET), "{algorithm}");
        assert!(!right.is_right(&secret, &Method::POST));
        let other = DigestSecret::new("Mufasa", "Circle of life");
        assert!(!right.is_right(&other, &Method::GET));
        assert!(!of(algorithm, &response[1..]).is_right(&secret, &Method::GET));
        assert!(!of(algorithm, "").is_right(&secret, &Method::GET));
    }
}

#[test]
fn an_answer_is_about_one_resource() {
    let answer = of("MD5", "");
    assert!(answer.is_about(&Uri::from_static("/dir/index.html")));
    assert!(answer.is_about(&Uri::from_static("http://a/dir/index.html")));
    assert!(!answer.is_about(&Uri::from_static("/dir/index.html?x")));
    assert!(!answer.is_about(&Uri::from_static("/pap")));
}
