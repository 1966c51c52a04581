//! An alert becomes submissions: the change of its state and they in one transaction.

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

use crate::model::{
    AlertId, Bearer, ChannelName, Delivery, DeliveryId, Language, Submission, SubmissionId,
    WorkspaceName,
};
use crate::store::intake::{Submit, Submitted, take_in};
use crate::store::operation::{Operation, Tx};
use crate::store::replacing::{Replace, Replaced, Replacing};
use crate::store::row::Columns;
use crate::store::steps::{Steps, values};
use crate::store::{Store, StoreError};

/// What a submission of the console is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// A file beside a text.
    File,
    /// A test of a channel.
    Test,
    /// The text of a language.
    Text,
}

impl Part {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Test => "test",
            Self::Text => "text",
        }
    }

    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::File, Self::Test, Self::Text]
            .into_iter()
            .find(|part| part.as_str() == text)
    }
}

/// What the planner has to heed beyond what a submission itself says. The channels of the
/// workspace are looked up when it is planned.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Directive {
    /// Bearers to use; none means all.
    #[serde(default)]
    pub bearers: Vec<Bearer>,
    /// The only channel to use.
    #[serde(default)]
    pub channel: Option<ChannelName>,
    /// Only bearers that carry files.
    #[serde(default)]
    pub files_only: bool,
    /// Time between the starts of two repetitions, ms, until the push expires; `None` leaves it to
    /// the channel.
    #[serde(default)]
    pub repetition_ms: Option<u64>,
}

/// What of the console a submission is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsolePart {
    /// Which submission.
    pub submission: SubmissionId,
    /// Where it belongs.
    pub workspace: WorkspaceName,
    /// Alert, version and language, of what is not a test.
    pub alert: Option<(AlertId, u32, Language)>,
    /// What it is.
    pub part: Part,
    /// What the planner has to heed.
    pub directive: Directive,
}

/// An approval.
#[derive(Debug, Clone, Default)]
pub struct Approving {
    /// The change of the alert, with its row of the audit.
    pub steps: Steps,
    /// Submissions that take nothing's place.
    pub new: Vec<(Submission, Vec<Delivery>)>,
    /// Submissions in the place of those of the version before.
    pub replacing: Vec<(SubmissionId, Replacing)>,
    /// What each of them is.
    pub parts: Vec<ConsolePart>,
}

struct Approve {
    steps: Steps,
    new: Vec<Submit>,
    replacing: Vec<Replace>,
}

impl Operation for Approve {
    type Answer = Vec<DeliveryId>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<DeliveryId>, StoreError> {
        let stale = StoreError::Stale { what: "the alert" };
        let all: Vec<&Submit> = self.new.iter().collect();
        let answers = take_in(tx, &all).await?;
        if answers.iter().any(|answer| *answer != Submitted::Stored) {
            return Err(stale);
        }
        let mut cancelled = Vec::new();
        for replace in &self.replacing {
            match replace.apply(tx).await? {
                Replaced::Stored { cancelled: some } => cancelled.extend(some),
                Replaced::Duplicate { .. } | Replaced::NothingPending => return Err(stale),
            }
        }
        self.steps.apply(tx).await?;
        Ok(cancelled)
    }
}

impl Steps {
    /// Says what of the console a submission is, which must be stored before.
    fn console_part(self, part: &ConsolePart) -> Result<Self, StoreError> {
        let directive = serde_json::to_string(&part.directive);
        let directive = directive.map_err(|source| StoreError::Unencodable {
            table: "console_submission",
            source,
        })?;
        let alert = part.alert.as_ref();
        Ok(self.run(
            "INSERT INTO console_submission (submission_id, workspace, alert_id, version, \
             language, part, directive) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                part.submission.as_str(),
                part.workspace.as_str(),
                alert.map(|(id, _, _)| id.as_str()),
                alert.map(|(_, version, _)| u64::from(*version)),
                alert.map(|(_, _, language)| language.as_str()),
                part.part.as_str(),
                directive,
            ],
        ))
    }
}

impl Store {
    /// Stores an approval: the alert, its submissions and what these take the place of, or nothing
    /// of it. Returns the old deliveries that this cancelled. [`StoreError::Stale`] where the alert
    /// has been changed in the meantime.
    pub async fn approve(&self, approving: Approving) -> Result<Vec<DeliveryId>, StoreError> {
        let Approving {
            mut steps,
            new,
            replacing,
            parts,
        } = approving;
        for part in &parts {
            steps = steps.console_part(part)?;
        }
        let new = new.into_iter().map(|(push, of)| Submit::new(push, of));
        let replacing = replacing.into_iter().map(|(_, one)| Replace::of(one));
        self.write(Approve {
            steps,
            new: new.collect::<Result<_, _>>()?,
            replacing: replacing.collect::<Result<_, _>>()?,
        })
        .await
    }

    /// What of the console a submission is; `None` if an initiator sent it.
    pub async fn console_part(
        &self,
        submission: &SubmissionId,
    ) -> Result<Option<ConsolePart>, StoreError> {
        let query = sqlx::query(
            "SELECT submission_id, workspace, alert_id, version, language, part, directive \
             FROM console_submission WHERE submission_id = $1",
        );
        let row = self.row(query.bind(submission.to_string())).await?;
        row.as_ref().map(part).transpose()
    }

    /// The submissions of a version of an alert.
    pub async fn console_parts(
        &self,
        alert: &AlertId,
        version: u32,
    ) -> Result<Vec<ConsolePart>, StoreError> {
        let query = sqlx::query(
            "SELECT submission_id, workspace, alert_id, version, language, part, directive \
             FROM console_submission WHERE alert_id = $1 AND version = $2 ORDER BY submission_id",
        );
        let query = query.bind(alert.to_string()).bind(i64::from(version));
        self.rows(query).await?.iter().map(part).collect()
    }
}

fn part(row: &AnyRow) -> Result<ConsolePart, StoreError> {
    let row = Columns::keyed(row, "console_submission", "submission_id");
    let alert: Option<AlertId> = row.known_or_null("alert_id", |text| text.parse().ok())?;
    let alert = match alert {
        Some(alert) => Some((alert, row.number("version")?, row.parsed("language")?)),
        None => None,
    };
    Ok(ConsolePart {
        submission: row.parsed("submission_id")?,
        workspace: row.parsed("workspace")?,
        alert,
        part: row.known("part", Part::from_stored)?,
        directive: row.json("directive")?,
    })
}
