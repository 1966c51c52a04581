//! Alerts, behind pushes and without.

use super::*;

impl History<'_> {
    /// Those behind the pushes, and those that wait or are being written. Returns one that is live
    /// and a draft.
    pub(super) async fn alerts(
        &self,
        connection: &mut AnyConnection,
    ) -> anyhow::Result<(Alert, Alert)> {
        let mut all = Vec::new();
        for push in self.pushes().filter(Push::is_alert) {
            all.push(self.sent(&push)?);
        }
        let live = all.last().cloned();
        for number in 0..WAITING {
            let at_ms = self.now_ms - 3_600_000 - u64::from(number) * 1_000;
            let mut alert = self.written(u64::from(number), at_ms)?;
            all.push(alert.clone());
            alert.id = key(at_ms, 5 << 40 | u64::from(number)).parse()?;
            if let Some(proposal) = &mut alert.proposal {
                proposal.stage = Stage::Pending;
                proposal.submitted = Some(Approval {
                    by: "anna".parse()?,
                    at_ms,
                });
            }
            all.push(alert);
        }
        let draft = all.iter().rev().nth(1).cloned();
        let mut table = Table::new(
            connection,
            "INSERT INTO alert (id, workspace, state, waiting, title, title_key, severity, \
             author, edited_ms, ended_ms, changes, document)",
        );
        for alert in &all {
            let ended = alert
                .approved
                .as_ref()
                .and_then(|approved| approved.ended_ms);
            let ended = ended.map_or_else(|| "NULL".to_owned(), |ended_ms| ended_ms.to_string());
            let row = format!(
                "'{}', 'live', '{}', {}, {}, {}, 'severe', 'anna', {}, {ended}, {}, {}",
                alert.id,
                alert.state().as_str(),
                u8::from(alert.is_waiting()),
                text(alert.title()),
                text(&alert.title().to_lowercase()),
                alert.created_ms,
                alert.changes,
                text(&serde_json::to_string(alert)?),
            );
            table.add(row).await?;
        }
        table.flush().await?;
        live.zip(draft)
            .ok_or_else(|| anyhow::anyhow!("there are no alerts"))
    }

    fn content(&self, number: u64) -> anyhow::Result<AlertContent> {
        let groups: Vec<GroupName> = vec![format!("g{}", number % 100).parse()?];
        Ok(AlertContent {
            title: format!("Flood on the Aln, number {number}"),
            severity: Severity::Severe,
            messages: vec![Message {
                language: "en".parse()?,
                text: "The river Aln rises. Leave low ground now.".to_owned(),
                attachment: None,
            }],
            groups,
            areas: vec![format!("a{}", number % u64::from(self.extents.areas)).parse()?],
            start: Start::Now,
            duration_s: 3_600,
            ..AlertContent::default()
        })
    }

    fn written(&self, number: u64, at_ms: u64) -> anyhow::Result<Alert> {
        let id = key(at_ms, 4 << 40 | number).parse()?;
        let author: UserName = "anna".parse()?;
        let content = self.content(number)?;
        Ok(Alert::draft(id, "live".parse()?, content, author, at_ms))
    }

    /// An alert that was approved and has become a push.
    fn sent(&self, push: &Push) -> anyhow::Result<Alert> {
        let at_ms = push.received_ms;
        let mut alert = self.written(u64::from(push.number), at_ms - 60_000)?;
        alert.id = push.alert_id().parse()?;
        alert.changes = 2;
        let content = alert.proposal.take().map(|proposal| proposal.content);
        alert.approved = Some(Approved {
            version: 1,
            revision: 1,
            content: content.unwrap_or_default(),
            submitted_by: "anna".parse()?,
            approvals: vec![Approval {
                by: "cleo".parse()?,
                at_ms,
            }],
            at_ms: if push.is_over() { at_ms } else { self.now_ms },
            standing: match push.fate {
                Fate::Delivered => Standing::Completed,
                Fate::Cancelled => Standing::Cancelled,
                Fate::Expired | Fate::Failed => Standing::Failed,
                Fate::Live | Fate::Waiting => Standing::Scheduled,
            },
            ended_ms: push.is_over().then_some(at_ms + 6_000),
            stopped: None,
        });
        Ok(alert)
    }
}
