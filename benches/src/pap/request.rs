//! The octets of submissions, made before a clock runs.

/// Account on both sides.
pub(crate) const ACCOUNT: &str = "bench";
/// Its password.
pub(crate) const PASSWORD: &str = "a password that costs argon2 once";
/// `bench:a password that costs argon2 once` in base64.
pub(crate) const BASIC: &str = "YmVuY2g6YSBwYXNzd29yZCB0aGF0IGNvc3RzIGFyZ29uMiBvbmNl";

/// Another account, with the same password.
pub(crate) const OTHER_ACCOUNT: &str = "other";
/// The same for it.
const OTHER_BASIC: &str = "b3RoZXI6YSBwYXNzd29yZCB0aGF0IGNvc3RzIGFyZ29uMiBvbmNl";

/// What every submission of throughput questions carries.
pub(crate) const SI: &str = "<?xml version=\"1.0\"?>\
    <!DOCTYPE si PUBLIC \"-//WAPFORUM//DTD SI 1.0//EN\" \"http://www.wapforum.org/DTD/si.dtd\">\
    <si><indication href=\"http://www.example.com/river\" si-id=\"aln@example.com\">\
    The river Aln rises. Leave low ground now.</indication></si>";

/// How submissions of one kind look.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// Path of the request.
    pub(crate) path: &'static str,
    /// Version in the document's type, `1.0` or `2.0`.
    pub(crate) version: &'static str,
    /// The one address. `#` stands for a number below `groups`, another one in each request.
    pub(crate) address: String,
    pub(crate) groups: u32,
    /// Attributes of push-message beside its push-id.
    pub(crate) attributes: String,
    /// A quality-of-service element, or nothing.
    pub(crate) quality_of_service: &'static str,
    /// Content type and content.
    pub(crate) content: (&'static str, String),
    /// Credentials.
    pub(crate) basic: &'static str,
}

impl Form {
    /// An SI for a group of ours, at medium priority.
    pub(crate) fn si(group: &str) -> Self {
        Self {
            path: "/pap",
            version: "2.0",
            address: format!("WAPPUSH=group%2F{group}/TYPE=USER@pushcast"),
            groups: 1,
            attributes: String::new(),
            quality_of_service: "",
            content: ("text/vnd.wap.si", SI.to_owned()),
            basic: BASIC,
        }
    }

    /// The same from the other account.
    pub(crate) fn of_other(self) -> Self {
        Self {
            basic: OTHER_BASIC,
            ..self
        }
    }

    /// The same, due far ahead: it is taken in and nothing more.
    pub(crate) fn later(group: &str) -> Self {
        Self {
            attributes: "deliver-after-timestamp=\"2090-01-01T00:00:00Z\"".to_owned(),
            ..Self::si(group)
        }
    }

    /// Over so many groups.
    pub(crate) fn over(self, groups: u32) -> Self {
        Self { groups, ..self }
    }

    /// One request of a connection that stays open; `turn` chooses the group.
    pub(crate) fn request(&self, push_id: &str, turn: usize) -> Vec<u8> {
        // Neighbours in time are no neighbours in name.
        let group = turn.wrapping_mul(7919) % self.groups.max(1) as usize;
        let address = self.address.replace('#', &group.to_string());
        let Self {
            path,
            version,
            address: _,
            groups: _,
            attributes,
            quality_of_service,
            content: (content_type, content),
            basic,
        } = self;
        let body = format!(
            "--part\r\nContent-Type: application/xml\r\n\r\n\
             <?xml version=\"1.0\"?><!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP {version}//EN\" \
             \"http://www.wapforum.org/DTD/pap_{version}.dtd\"><pap>\
             <push-message push-id=\"{push_id}\" {attributes}>\
             <address address-value=\"{address}\"/>{quality_of_service}</push-message></pap>\r\n\
             --part\r\nContent-Type: {content_type}\r\n\r\n{content}\r\n--part--\r\n"
        );
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: pushcast\r\nAuthorization: Basic {basic}\r\n\
             Content-Type: multipart/related; boundary=part; type=\"application/xml\"\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        (head + &body).into_bytes()
    }
}
