//! Texts whose wrong lines end in `#! ` and part of what is said about them, parts parted by `&`.

use super::*;

/// Checks that exactly the marked lines are found, and returns what belongs to no line.
fn check_in(folder: &Path, text: &str) -> Vec<String> {
    let errors = Config::parse(text, folder).expect_err(text);
    let mut expected = Vec::new();
    for (position, line) in text.lines().enumerate() {
        let parts = line.split_once("#! ").map(|(_, parts)| parts);
        for part in parts.into_iter().flat_map(|parts| parts.split('&')) {
            expected.push((position + 1, part.trim()));
        }
    }
    let mut found = errors.errors.iter().filter(|error| error.line.is_some());
    for (line, part) in &expected {
        let error = found
            .next()
            .unwrap_or_else(|| panic!("no {part:?} in {errors}"));
        assert_eq!(error.line, Some(*line), "{errors}\n{text}");
        assert!(error.to_string().contains(part), "{part:?} in {errors}");
    }
    assert!(found.next().is_none(), "more than expected: {errors}");
    let whole = errors.errors.iter().filter(|error| error.line.is_none());
    whole.map(ToString::to_string).collect()
}

fn check(text: &str) {
    let whole = check_in(Path::new(""), text);
    assert!(whole.is_empty(), "{whole:?}");
}

/// Checks a text to which a lane and a channel `a` are added.
fn check_section(text: &str) {
    check(&format!("{text}\n{LANE}{CHANNEL}"));
}

#[test]
fn text_of_the_wrong_form() {
    check("[server]\nlisten = \"127.0.0.1:80 #! \nppg_name = #! \n");
    check_section("[server]\nppg_name = \"a\"\nppg_name = \"b\" #! duplicate key");
    check_section("[server]\n\n[server] #! duplicate key");
}

#[test]
fn unknown_keys_wherever_they_are() {
    check_section("[colours] #! unknown section \"colours\"\n");
    check_section("[server]\ncolour = 1 #! colour\nlisten = \"[::1]:1\"\nsize = 2 #! size");
    check_section("[limits]\nbody = 1 #! body\n[retention]\ndays = 1 #! days");
    check(&format!(
        "[[lane]]\nname = \"main\"\ncolour = 1 #! colour\ninterface = \"lo\"\n{CHANNEL}\
         carousel = {{ pass = 1 }} #! pass\n[[area]]\nname = \"x\"\nchannels = [\"a\"]\nshape = [1] #! shape\n\
         [[alias_group]]\nname = \"x\"\nchannels = [\"a\"]\ncolour = 1 #! colour\n\
         [[initiator]]\nname = \"x\"\ntrusted_from = [\"::/0\"]\npassword_hash = \"$\" #! password_hash\n"
    ));
    check(&format!(
        "{LANE}{CHANNEL}[channel.carousel]\npass = 1 #! pass\ndelay_ms = -1 #! -1\n"
    ));
}

#[test]
fn values_of_the_wrong_type_or_size() {
    check_section("[server]\nlisten = \"here\" #! invalid socket address\nppg_name = 7 #! integer");
    check_section(
        "[server]\ndata_dir = \"\" #! data_dir is empty\nppg_name = \"a b\" #! host name",
    );
    check_section("[server]\ndatabase_url = \"mysql://x\" #! sqlite:");
    check_section("[limits]\nbody_bytes = 0 #! outside 1 to\nconnections = 2_000_000 #! outside");
    check_section("[limits]\nconnections_per_address = 0 #! outside 1 to");
    check_section("[limits]\ndefault_lifetime_s = 0 #! outside 1 to");
    for days in ["0", "-1", "nan", "inf", "4000", "1e-30"] {
        check_section(&format!(
            "[retention]\nfinished_days = {days} #! is not above 0"
        ));
    }
    check(
        "[[lane]]\nname = \"a/b\" #! '/'\ninterface = \"\"\nbackend = \"fast\" #! \"fast\"\n\
           [[channel]]\nname = \"a\"\nkind = \"pigeon\" #! pigeon\nbearer = \"MBMS\"\n\
           group = \"239.0.0\" #! IP address\nport = 70000 #! 70000\ntsi = 1\nfec = \"ldpc\" #! ldpc\n",
    );
}

#[test]
fn the_same_address_twice() {
    check_section("[server]\nlisten = \"0.0.0.0:80\"\nadmin_listen = \"127.0.0.1:80\" #! are both");
    check_section("[server]\nlisten = \"127.0.0.1:9090\" #! admin_listen are both");
    let text =
        format!("[server]\nlisten = \"[::1]:0\"\nadmin_listen = \"[::1]:0\"\n{LANE}{CHANNEL}");
    assert!(Config::parse(&text, Path::new("")).is_ok());
}

#[test]
fn brackets_of_the_wrong_kind() {
    check_section("[[server]] #! is written [server]\n");
    check(&format!(
        "[lane] #! is written [[lane]]\n{CHANNEL}source = \"::\" #! families\n"
    ));
    let whole = check_in(Path::new(""), "[channel] #! is written [[channel]]\n");
    assert_eq!(whole.len(), 1);
    check_section("initiator = [1] #! is written [[initiator]]\n");
}

#[test]
fn keys_that_are_missing() {
    check(
        "[[lane]] #! name is missing & interface is missing\n\
         [[channel]] #! kind is & name is & bearer is & group is & port is & tsi is\n\
         [[area]] #! name is & channels is\n[[alias_group]] #! name is & channels is\n\
         [[initiator]] #! name is missing\n",
    );
}

#[test]
fn a_file_without_ways_out() {
    let whole = check_in(Path::new(""), "[server]\n");
    assert_eq!(whole.len(), 1);
    assert!(whole[0].contains("no [[channel]]"), "{whole:?}");
    let whole = check_in(Path::new(""), CHANNEL);
    assert!(whole[0].contains("no [[lane]]"), "{whole:?}");
    let two = CHANNEL.replace("5000", "5001").replace("\"a\"", "\"b\"");
    let text = format!("{CHANNEL}source = \"127.0.0.1\"\n{two}source = \"127.0.0.2\"\n");
    assert_eq!(check_in(Path::new(""), &text).len(), 1);
}

#[test]
fn names_that_are_taken() {
    let lane = LANE.replace(
        "\"main\"",
        "\"main\" #! lane name \"main\" is taken in line 2",
    );
    let channel = CHANNEL
        .replace("\"a\"", "\"a\" #! channel name \"a\" is taken in line 8")
        .replace("5000", "5001");
    let area = "[[area]]\nname = \"x\"\nchannels = [\"a\"]\n";
    let group = area.replace("area", "alias_group");
    let initiator = "[[initiator]]\nname = \"x\"\ntrusted_from = [\"::1\"]\n";
    let again = |text: &str| text.replace("\"x\"", "\"x\" #! is taken in line");
    check(&format!("{LANE}{lane}{CHANNEL}{channel}"));
    check_section(&format!("{area}{}{group}{}", again(area), again(&group)));
    check_section(&format!("{initiator}{}", again(initiator)));
}

#[test]
fn names_that_are_not_there() {
    check(&format!(
        "{LANE}{CHANNEL}lane = \"side\" #! no lane \"side\"\n"
    ));
    check(&format!(
        "{CHANNEL}source = \"127.0.0.1\"\nlane = \"side\" #! no lane \"side\"\n"
    ));
    check_section(
        "[[area]]\nname = \"x\"\nchannels = [\n  \"a\",\n  \"b\", #! no channel \"b\"\n]\n\
         [[alias_group]]\nname = \"x\"\nchannels = [\"c\"] #! no channel \"c\"\n\
         areas = [\"x\", \"y\"] #! no service area \"y\"",
    );
}

#[test]
fn a_wrong_channel_is_still_a_known_one() {
    check_section(
        "[[channel]]\nname = \"b\"\nkind = \"flute\"\nbearer = \"MBMS\"\ngroup = \"239.1.1.1\"\nport = 1\n\
         tsi = 0 #! tsi = 0\n[[area]]\nname = \"x\"\nchannels = [\"b\"]",
    );
}

#[test]
fn cell_broadcast_channels_and_their_centres() {
    const CBC: &str =
        "[[cbc]]\nname = \"one\"\nadapter = \"ecbe\"\nurl = \"http://127.0.0.1:12345\"\n";
    let channel = |rest: &str| {
        format!(
            "{CBC}[[channel]]\nname = \"b\"\nkind = \"cbs\"\nlink = \"one\"\nmessage_ids = [919]\n{rest}"
        )
    };
    assert!(Config::parse(&channel(""), Path::new("")).is_ok());
    check(
        "[[cbc]] #! name is & adapter is & url is\n[[channel]] #! name is & link is & message_ids is\nkind = \"cbs\"\n",
    );
    check(&channel("link2 = 1 #! link2"));
    check(&channel("").replace("link = \"one\"", "link = \"two\" #! no cbc \"two\""));
    check(&channel("").replace("[919]", "[919, \"b\"] #! \"b\" is not a message identifier"));
    check(&channel("").replace("[919]", "[919, 65535] #! 65535"));
    check(&channel("").replace("[919]", "[] #! 1 to 64 entries"));
    check(&channel("repetition_s = 8000 #! 1 to 7711"));
    check(&channel("language = \"german\" #! two letters"));
    check(&channel("payload = \"etws\" #! not one of ETWS"));
    check(&channel("cap = { severity = \"Bad\" } #! no word of CAP"));
    check(&channel("").replace(
        "http://127.0.0.1:12345\"",
        "http://192.0.2.1\" #! without TLS",
    ));
    check(&channel("").replace("http://127.0.0.1:12345\"", "cbc\" #! not an http"));
    check(&channel("").replace("adapter = \"ecbe\"", "adapter = \"smpp\" #! smpp\n"));
    check(&channel("").replace(
        "adapter = \"ecbe\"",
        "adapter = \"ecbe\"\nqueue = 0 #! 1 to 10000",
    ));
    check(&channel("").replace(
        "adapter = \"ecbe\"",
        "adapter = \"ecbe\"\nsender = \"a\" #! of no use",
    ));
    check(&channel("").replace(
        "[[cbc]]\nname = \"one\"\nadapter = \"ecbe\"",
        "[[cbc]] #! sender is missing\nname = \"one\"\nadapter = \"cap\"",
    ));
    let cap = CBC.replace("\"ecbe\"", "\"cap\"\nsender = \"a@b\"");
    check(&channel("payload = \"ports\" #! text alone").replace(CBC, &cap));
}

#[test]
fn areas_of_cell_broadcast() {
    const BEFORE: &str = "[[cbc]]\nname = \"one\"\nadapter = \"ecbe\"\nurl = \"http://127.0.0.1:12345\"\n\
        [[channel]]\nname = \"b\"\nkind = \"cbs\"\nlink = \"one\"\nmessage_ids = [\"40960-40999\"]\n";
    let area = |rest: &str| format!("{BEFORE}[[area]]\nname = \"x\"\nchannels = [\"b\"]\n{rest}\n");
    assert!(Config::parse(&area("cells = [\"plmn\"]\nsai = [7]"), Path::new("")).is_ok());
    check(&area("").replace("[[area]]", "[[area]] #! neither cells"));
    check(&area("cells = [\"plmn\", \"nowhere:1\"] #! nowhere:1"));
    check(&area(
        "cells = [\"cgi:001-01-1-6969\"] #! ECBE cannot carry",
    ));
    check(&area(
        "cells = [\"plmn\"]\ngeojson_file = \"none.json\" #! none.json",
    ));
}

#[test]
fn lists_of_channels() {
    check_section(
        "[[alias_group]]\nname = \"x\"\nchannels = [\"a\", \"a\"] #! \"a\" twice\n\
         required = [\"a\", \"b\"] #! required channel \"b\"\n\
         [[area]]\nname = \"x\"\nchannels = [] #! channels is empty",
    );
}

#[test]
fn every_wrong_item_of_a_list() {
    check_section(
        "[[area]]\nname = \"x\"\nchannels = [\n\"a\",\n\"b/\", #! '/'\n7, #! integer\n\"c d\"] #! ' '",
    );
}

#[test]
fn channels_that_could_not_work() {
    let with = |from: &str, to: &str| check(&format!("{LANE}{}", CHANNEL.replace(from, to)));
    with(
        "\"239.255.0.1\"",
        "\"192.0.2.1\" #! not a multicast address",
    );
    with("5000", "0 #! port = 0");
    with(
        "tsi = 1",
        "tsi = 1\nsource = \"::1\" #! different address families",
    );
    with(
        "tsi = 1",
        "tsi = 1\nsymbol_bytes = 1401 #! symbol_bytes = 1401",
    );
    with(
        "tsi = 1",
        "tsi = 1\ncarousel.delay_ms = 1\ncarousel.passes = 0 #! carousel.passes = 0",
    );
    let twin = CHANNEL
        .replace("\"a\"", "\"b\"")
        .replace(".1\"", ".1\" #! those of channel a in line 4");
    check(&format!("{LANE}{CHANNEL}{twin}"));
}

#[test]
fn initiators_that_could_not_work() {
    check_section("[[initiator]] #! has none of password_hash_file\nname = \"x\"");
    check_section(
        "[[initiator]]\nname = \"x\"\ntrusted_from = [\"::1\", \"10.0.0.0/40\"] #! \"10.0.0.0/40\"\n\
         body_bytes = 0 #! outside",
    );
    check_section(
        "[[initiator]]\nname = \"x\"\ntrusted_from = [\"::1\"]\ngroups = [\"*\", \"\"] #! is empty\n\
         areas = [\"a/b\"] #! '/'\n\
         notify_hosts = [\"h\", \"h:80\", \"[::1]:80\", \"http://h\", #! \"http://h\"\n\
         \"u@h\", #! \"u@h\"\n\"h/p\", #! \"h/p\"\n\"h:port\"] #! \"h:port\"",
    );
}

#[test]
fn limits_that_would_be_none() {
    check_section(
        "[[initiator]]\nname = \"x\"\ntrusted_from = [\"::1\"]\nbearers = [] #! bearers is empty",
    );
    check_section(
        "[[initiator]]\nname = \"x\"\ntrusted_from = [\"::1\"]\n\
         max_priority = \"top\" #! top\nconcurrent = 0 #! outside 1 to\n\
         daily_quota = 0 #! outside 1 to\ndaily_addresses = -1 #! -1\n\
         rate = { per_second = 1 } #! burst",
    );
    check_section(
        "[[initiator]]\nname = \"x\"\ntrusted_from = [\"::1\"]\nbearers = [\"MBMS\", \"SMS\"] #! SMS\n\
         rate = { per_second = 0, burst = 1 } #! outside 1 to",
    );
}

#[test]
fn certificates_that_nobody_is_asked_for() {
    let digest = "ab".repeat(32);
    check_section(&format!(
        "[[initiator]]\nname = \"x\"\nclient_certificates = [\"{digest}\"] #! client_ca_file"
    ));
    check_section(
        "[[initiator]]\nname = \"x\"\ntrusted_from = [\"::1\"]\n\
         client_certificates = [\"ab\"] #! 64 hexadecimal digits",
    );
    check_section("[tls] #! cert_file is missing & key_file is missing\n");
    check_section("[tls]\ncert_file = \"none\" #! none cannot be read\nkey_file = \"none\"");
}

#[test]
fn secrets_that_cannot_be_used() {
    let initiator = |line: &str| {
        format!("{LANE}{CHANNEL}[[initiator]]\nname = \"x\"\npassword_hash_file = \"phc\" {line}\n")
    };
    let cases = [
        (HASH, 0o604, "chmod go-rw"),
        (HASH, 0o602, "chmod go-rw"),
        (HASH, 0o640, "chmod go-rw"),
        (HASH, 0o620, "chmod go-rw"),
        ("hunter2", 0o600, "does not hold an argon2 hash"),
        (
            "$argon2id$v=19$m=8,t=1,p=1",
            0o600,
            "does not hold an argon2 hash",
        ),
        (
            "$scrypt$ln=1$c29tZXNhbHQ$5iIDbUpW/NOeEmHYTzhdDQ",
            0o600,
            "does not hold an argon2 hash",
        ),
    ];
    for (content, mode, what) in cases {
        let folder = folder_with("phc", content, mode);
        check_in(folder.path(), &initiator(&format!("#! {what}")));
    }
    let folder = folder_with("other", HASH, 0o600);
    check_in(
        folder.path(),
        &initiator("#! phc cannot be read: No such file"),
    );
    fs::create_dir(folder.path().join("phc")).unwrap();
    check_in(folder.path(), &initiator("#! is not a file"));
    let folder = folder_with("phc", HASH, 0o400);
    assert!(Config::parse(&initiator(""), folder.path()).is_ok());
    let colon = initiator("").replace("\"x\"", "\"x:y\" #! may not contain \":\"");
    check_in(folder.path(), &colon);
}

#[test]
fn a_file_with_a_password_that_others_may_read() {
    let text = format!("[server]\ndatabase_url = \"postgres://p:hush@db/p\"\n{LANE}{CHANNEL}");
    for mode in [0o644, 0o640] {
        let folder = folder_with("p.toml", &text, mode);
        let path = folder.path().join("p.toml");
        let errors = Config::read(&path).unwrap_err();
        let expected = format!("{}:2: database_url holds a password", path.display());
        assert!(errors.to_string().starts_with(&expected), "{errors}");
    }
    let folder = folder_with("p.toml", &text, 0o600);
    assert!(Config::read(&folder.path().join("p.toml")).is_ok());
}

#[test]
fn errors_read_file_line_message() {
    let folder = folder_with("p.toml", "[server]\ncolour = 1\n[colours]\n", 0o644);
    let path = folder.path().join("p.toml");
    let text = Config::read(&path).unwrap_err().to_string();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    let file = path.display();
    assert!(
        lines[0].starts_with(&format!("{file}: there is no [[channel]]")),
        "{text}"
    );
    assert!(
        lines[1].starts_with(&format!("{file}:2: unknown field `colour`")),
        "{text}"
    );
    assert!(
        lines[2].starts_with(&format!("{file}:3: unknown section \"colours\"")),
        "{text}"
    );
    let missing = Config::read(Path::new("/nonexistent.toml"))
        .unwrap_err()
        .to_string();
    assert!(
        missing.starts_with("/nonexistent.toml: the file cannot be read: "),
        "{missing}"
    );
}
