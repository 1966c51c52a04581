//! `GET /api/reports`: delivery reports for programs and spreadsheets, for whoever has a session of
//! the console.
//!
//! | parameter | |
//! |---|---|
//! | `by` | `day` (default), `group`, `area`, `channel`, `bearer`, `initiator`, `submission` |
//! | `from`, `to` | RFC 3339 times or dates; default the last 30 days |
//! | `source` | `console` or `pap` |
//! | `initiator`, `group`, `area`, `channel`, `bearer` | narrow the report |
//! | `workspace` | default the session's |
//! | `after`, `rows` | the page, of a report by submission |
//! | `format` | `json` (default) or `csv` |

use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use crate::gateway::Gateway;
use crate::gateway::console::{ConsoleError, Token};
use crate::model::listing::{Cursor, Source};
use crate::model::report::{Dimension, ReportQuery};
use crate::model::{Bearer, ChannelName, InitiatorName, WorkspaceName};

use super::peer::Peer;

/// Names of the cookie with a session's secret: under TLS, and without.
pub const SESSION_COOKIES: [&str; 2] = ["__Host-pushcast", "pushcast"];
/// Period where none is asked for, ms.
const DEFAULT_PERIOD_MS: u64 = 30 * 86_400_000;

/// The parameters as they stand in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    by: Option<String>,
    from: Option<String>,
    to: Option<String>,
    source: Option<String>,
    initiator: Option<InitiatorName>,
    group: Option<String>,
    area: Option<String>,
    channel: Option<ChannelName>,
    bearer: Option<String>,
    workspace: Option<WorkspaceName>,
    after: Option<Cursor>,
    rows: u32,
    format: Option<String>,
}

#[derive(Serialize)]
struct Problem {
    error: String,
}

fn problem(status: StatusCode, error: impl ToString) -> Response {
    let error = error.to_string();
    (status, Json(Problem { error })).into_response()
}

/// A time, or a date as its beginning in UTC.
fn time(text: &str) -> Option<u64> {
    let time = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let date = text.parse::<jiff::civil::Date>().ok()?;
        let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(midnight.timestamp())
    })?;
    u64::try_from(time.as_millisecond()).ok()
}

impl Parameters {
    fn query(&self, now_ms: u64) -> Result<ReportQuery, &'static str> {
        fn known<T>(
            text: Option<&str>,
            read: impl Fn(&str) -> Option<T>,
            wrong: &'static str,
        ) -> Result<Option<T>, &'static str> {
            text.map(|text| read(text).ok_or(wrong)).transpose()
        }
        let by = known(self.by.as_deref(), Dimension::from_query, "by is not known")?;
        let to_ms = known(self.to.as_deref(), time, "to is no time")?.unwrap_or(now_ms);
        let from_ms = known(self.from.as_deref(), time, "from is no time")?;
        let from_ms = from_ms.unwrap_or(to_ms.saturating_sub(DEFAULT_PERIOD_MS));
        Ok(ReportQuery {
            source: known(
                self.source.as_deref(),
                Source::from_query,
                "source is not known",
            )?,
            bearer: known(
                self.bearer.as_deref(),
                Bearer::from_pap,
                "bearer is not known",
            )?,
            initiator: self.initiator.clone(),
            group: self.group.clone(),
            area: self.area.clone(),
            channel: self.channel.clone(),
            after: self.after.clone(),
            rows: self.rows,
            ..ReportQuery::of(by.unwrap_or_default(), from_ms, to_ms)
        })
    }
}

/// The secret of a session in the cookies of a request.
pub fn session_token(headers: &HeaderMap) -> Option<Token> {
    let cookies = headers.get_all(COOKIE).into_iter();
    let mut pairs = cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.find_map(|(name, value)| SESSION_COOKIES.contains(&name).then_some(value));
    value.map(Token::from_cookie)
}

/// The handler.
pub async fn reports(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    parameters: Result<Query<Parameters>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let parameters = match parameters {
        Ok(Query(parameters)) => parameters,
        Err(error) => return problem(StatusCode::BAD_REQUEST, error),
    };
    let Some(token) = session_token(&headers) else {
        return problem(StatusCode::UNAUTHORIZED, ConsoleError::SignedOut);
    };
    let query = match parameters.query(gateway.clock().unix_ms()) {
        Ok(query) => query,
        Err(error) => return problem(StatusCode::BAD_REQUEST, error),
    };
    let answer = async {
        let workspace = parameters.workspace.as_ref();
        let actor = gateway.session(&token, workspace, peer.ip()).await?;
        let private = (CACHE_CONTROL, "no-store");
        Ok::<_, ConsoleError>(match parameters.format.as_deref() {
            Some("csv") => {
                let csv = gateway.report_csv(&actor, query).await?;
                let kind = (CONTENT_TYPE, "text/csv; charset=utf-8");
                let name = (CONTENT_DISPOSITION, "attachment; filename=\"reports.csv\"");
                ([private, kind, name], csv).into_response()
            }
            None | Some("json") => {
                let report = gateway.report(&actor, query).await?;
                ([private], Json(report)).into_response()
            }
            Some(_) => problem(StatusCode::BAD_REQUEST, "format is json or csv"),
        })
    };
    answer.await.unwrap_or_else(|error: ConsoleError| {
        let status = StatusCode::from_u16(error.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "a report cannot be made");
        }
        problem(status, error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dates_are_read() {
        assert_eq!(time("1970-01-02"), Some(86_400_000));
        assert_eq!(time("1970-01-01T00:00:01Z"), Some(1_000));
        assert_eq!(time("1969-12-31"), None);
        assert_eq!(time("yesterday"), None);
    }

    #[test]
    fn parameters_have_defaults_and_are_checked() {
        let now_ms = 40 * 86_400_000;
        let query = Parameters::default().query(now_ms).unwrap();
        assert_eq!((query.from_ms, query.to_ms), (10 * 86_400_000, now_ms));
        let wrong = Parameters {
            by: Some("mood".to_owned()),
            ..Parameters::default()
        };
        assert_eq!(wrong.query(now_ms), Err("by is not known"));
    }

    #[test]
    fn the_session_is_found_among_cookies() {
        let mut headers = HeaderMap::new();
        assert_eq!(session_token(&headers), None);
        headers.insert(COOKIE, "theme=dark; pushcast=abc; x".parse().unwrap());
        assert_eq!(session_token(&headers).unwrap().as_str(), "abc");
    }
}
