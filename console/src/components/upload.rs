//! Tables that people upload: the form for the file, and what was found in it.

use leptos::prelude::*;
use pushcast_engine::model::upload::{LineVerdict, UploadReport};

use super::list::{Row, Table};
use super::message::{Notice, Tone};

/// The field for a file, last in its form.
#[component]
pub(crate) fn FileField(
    /// Id of the field; its name is always `file`.
    id: &'static str,
    /// Name for people.
    label: &'static str,
    /// Kinds of files, as the browser asks for them.
    accept: &'static str,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input type="file" id=id name="file" accept=accept required=true />
        </div>
    }
}

/// The verdict on a file, line by line.
#[component]
pub(crate) fn UploadCheck(
    /// What was found.
    report: UploadReport,
) -> impl IntoView {
    let tone = match report.invalid + report.unknown {
        0 => Tone::Success,
        _ => Tone::Warning,
    };
    let rows: Vec<Row> = report
        .findings
        .iter()
        .map(|finding| {
            let verdict = match finding.verdict {
                LineVerdict::Added => "new",
                LineVerdict::Duplicate => "there already",
                LineVerdict::Invalid => "not understood",
                LineVerdict::Unknown => "unknown",
            };
            let cells = vec![
                verdict.into_any(),
                view! { <bdi>{finding.what.clone()}</bdi> }.into_any(),
                finding.reason.clone().into_any(),
            ];
            Row::new(finding.line.to_string(), cells)
        })
        .collect();
    let cut = report.cut.then(|| {
        view! { <p>"The file was longer than what is taken: the rest was not looked at."</p> }
    });
    let table = (!rows.is_empty()).then(|| {
        let columns = vec!["Line", "Verdict", "What", "Why"];
        view! { <Table caption="Lines" columns=columns rows=rows /> }
    });
    view! {
        <Notice tone=tone title=summary(&report) />
        {cut}
        {table}
    }
}

/// The counts in one sentence; what there is none of is left out but for the first.
fn summary(report: &UploadReport) -> String {
    let words = if report.stored {
        "stored"
    } else {
        "would be stored"
    };
    let mut parts = vec![format!("{} new {words}", report.added)];
    let mut say = |number: usize, what: &str| {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    };
    say(report.duplicate, "there already");
    say(report.invalid, "not understood");
    say(report.unknown, "unknown");
    say(
        report.removed,
        if report.stored {
            "removed"
        } else {
            "would be removed"
        },
    );
    format!("{}.", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_says_what_would_happen_and_an_upload_what_did() {
        let mut report = UploadReport {
            added: 2,
            unknown: 1,
            removed: 3,
            ..UploadReport::default()
        };
        let words = "2 new would be stored, 1 unknown, 3 would be removed.";
        assert_eq!(summary(&report), words);
        report.stored = true;
        assert_eq!(summary(&report), "2 new stored, 1 unknown, 3 removed.");
    }
}
