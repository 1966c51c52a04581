//! Alias groups, templates, and what the file says besides.

use pushcast_engine::gateway::console::{ConsoleError, NewAlert};
use pushcast_engine::model::Role;
use pushcast_engine::model::alert::Use;
use pushcast_engine::model::upload::LineVerdict;

use super::desk::{Desk, content, message};
use crate::store::place::Place;

crate::store::stories!(
    groups_are_addressed_as_soon_as_they_are_stored,
    row_34_uploads_are_checked_line_by_line,
    row_28_exports_hold_no_formulas,
    what_is_used_is_not_deleted,
    templates_fill_their_blanks,
    the_file_is_taken_when_asked,
);

const EDITOR: &[Role] = &[Role::Editor, Role::Author];

async fn groups_are_addressed_as_soon_as_they_are_stored(place: &Place) {
    let desk = Desk::open(place).await;
    let edda = desk.person("edda", EDITOR, "live").await;
    let name = "flood".parse().unwrap();
    let detail = desk.gateway.group(&edda, &name).await.unwrap();
    assert_eq!(detail.row.address, "WAPPUSH=group%2Fflood/TYPE=USER@ppg");
    let mut new = detail.row.group.clone();
    new.name = "Überflutung Süd".parse().unwrap();
    desk.gateway.create_group(&edda, new.clone()).await.unwrap();
    let taken = desk.gateway.create_group(&edda, new.clone()).await;
    assert!(matches!(taken, Err(ConsoleError::Invalid(_))));
    assert!(desk.gateway.directory().group(&new.name).is_some());
    let mut changed = detail.row.group.clone();
    changed.channels = vec!["lab".parse().unwrap(), "air".parse().unwrap()];
    let seen_ms = detail.row.changed_ms;
    desk.gateway
        .change_group(&edda, changed.clone(), seen_ms)
        .await
        .unwrap();
    let stale = desk
        .gateway
        .change_group(&edda, changed.clone(), seen_ms)
        .await;
    assert!(
        matches!(stale, Err(ConsoleError::Conflict { .. })),
        "{stale:?}"
    );
    assert_eq!(desk.gateway.directory().group(&name).unwrap(), changed);
    changed.channels.push("nowhere".parse().unwrap());
    let unknown = desk.gateway.change_group(&edda, changed, seen_ms).await;
    assert!(matches!(unknown, Err(ConsoleError::Invalid(_))));
    let found = desk
        .gateway
        .groups(&edda, Some("ÜBERF"), None, 0)
        .await
        .unwrap();
    assert!(
        found.rows.len() <= 1,
        "letters beyond ASCII may not fold in SQLite"
    );
    let found = desk
        .gateway
        .groups(&edda, Some("FLUT"), None, 0)
        .await
        .unwrap();
    assert_eq!(found.rows.len(), 1);
    let first = desk.gateway.groups(&edda, None, None, 2).await.unwrap();
    let second = desk
        .gateway
        .groups(&edda, None, first.next.as_ref(), 2)
        .await
        .unwrap();
    assert_eq!((first.rows.len(), second.rows.len()), (2, 2));
    assert_eq!(second.next, None);
}

async fn row_34_uploads_are_checked_line_by_line(place: &Place) {
    let desk = Desk::open(place).await;
    let edda = desk.person("edda", EDITOR, "live").await;
    let csv = "channels,name,deliver\nair,one,first\nair lab,two,all\nair,flood,\nair,one,\n\
               nowhere,three,\nair,a/b,\nair,four,sometimes\n,five,\n";
    let checked = desk
        .gateway
        .upload_groups(&edda, csv.as_bytes(), false)
        .await
        .unwrap();
    assert_eq!(
        (checked.added, checked.duplicate, checked.invalid),
        (2, 2, 4)
    );
    assert!(!checked.stored);
    let lines: Vec<(usize, LineVerdict)> = checked
        .findings
        .iter()
        .map(|found| (found.line, found.verdict))
        .collect();
    use LineVerdict::{Added, Duplicate, Invalid};
    let expected = [
        (2, Added),
        (3, Added),
        (4, Duplicate),
        (5, Duplicate),
        (6, Invalid),
        (7, Invalid),
        (8, Invalid),
        (9, Invalid),
    ];
    assert_eq!(lines, expected);
    let one = "one".parse().unwrap();
    assert!(
        desk.gateway.directory().group(&one).is_none(),
        "only looked at"
    );
    let stored = desk
        .gateway
        .upload_groups(&edda, csv.as_bytes(), true)
        .await
        .unwrap();
    assert!(stored.stored);
    assert!(desk.gateway.directory().group(&one).is_some());
    let export = desk.gateway.export_groups(&edda).await.unwrap();
    let again = desk
        .gateway
        .upload_groups(&edda, export.as_bytes(), false)
        .await
        .unwrap();
    assert_eq!((again.added, again.duplicate, again.invalid), (0, 5, 0));
    // A million lines, and a file that is far too long.
    let many = format!("name,channels\n{}", "x,nowhere\n".repeat(1_000_000));
    let cut = desk
        .gateway
        .upload_groups(&edda, many.as_bytes(), false)
        .await
        .unwrap();
    assert!(
        cut.cut && cut.findings.len() <= 1_000,
        "{}",
        cut.findings.len()
    );
    let long = vec![b'x'; 17 << 20];
    let refused = desk.gateway.upload_groups(&edda, &long, true).await;
    assert!(matches!(refused, Err(ConsoleError::Upload(_))));
}

async fn row_28_exports_hold_no_formulas(place: &Place) {
    let desk = Desk::open(place).await;
    let edda = desk.person("edda", EDITOR, "live").await;
    let mut group = desk
        .gateway
        .directory()
        .group(&"flood".parse().unwrap())
        .unwrap();
    group.name = "=cmd|'!A1".parse().unwrap();
    desk.gateway.create_group(&edda, group).await.unwrap();
    let export = desk.gateway.export_groups(&edda).await.unwrap();
    assert!(export.contains("\n'=cmd|'!A1,"), "{export}");
    let back = desk
        .gateway
        .upload_groups(&edda, export.as_bytes(), false)
        .await
        .unwrap();
    assert_eq!(back.duplicate, 4, "the name is the same when it comes back");
}

async fn what_is_used_is_not_deleted(place: &Place) {
    let desk = Desk::open(place).await;
    let edda = desk.person("edda", EDITOR, "live").await;
    let name = "flood".parse().unwrap();
    let (id, seen) = desk.draft(&edda, "flood").await;
    let used = desk.gateway.delete_group(&edda, &name).await;
    let Err(ConsoleError::InUse { by, .. }) = used else {
        panic!("{used:?}");
    };
    assert_eq!(by, ["alert “Flood at the weir” in live"]);
    let renamed = desk
        .gateway
        .rename_group(&edda, &name, &"tide".parse().unwrap())
        .await;
    assert!(matches!(renamed, Err(ConsoleError::InUse { .. })));
    desk.gateway.discard_alert(&edda, &id, seen).await.unwrap();
    desk.gateway
        .rename_group(&edda, &name, &"tide".parse().unwrap())
        .await
        .unwrap();
    assert!(desk.gateway.directory().group(&name).is_none());
    desk.gateway
        .delete_group(&edda, &"tide".parse().unwrap())
        .await
        .unwrap();
    desk.gateway
        .delete_area(&edda, &"valley".parse().unwrap())
        .await
        .unwrap();
}

async fn templates_fill_their_blanks(place: &Place) {
    let desk = Desk::open(place).await;
    let edda = desk.person("edda", EDITOR, "live").await;
    let mut text = content("flood");
    text.messages = vec![message("en", "Leave {{place}} by {{time}}.")];
    let gateway = &desk.gateway;
    let id = gateway
        .create_template(&edda, "Flood", Use::Alert, text)
        .await
        .unwrap();
    let template = gateway.template(&edda, &id).await.unwrap();
    assert_eq!(template.blanks(), ["place", "time"]);
    let values = [("place".to_owned(), "the weir".to_owned())].into();
    let from = NewAlert::Template {
        template: id.clone(),
        values,
    };
    let alert = gateway.create_alert(&edda, from).await.unwrap();
    let view = gateway.alert(&edda, &alert).await.unwrap();
    let text = &view.alert.content().unwrap().messages[0].text;
    assert_eq!(text, "Leave the weir by {{time}}.");
    assert_eq!(
        view.problems.len(),
        1,
        "a blank is left: {:?}",
        view.problems
    );
    gateway
        .change_template(&edda, template.clone())
        .await
        .unwrap();
    let stale = gateway.change_template(&edda, template).await;
    assert!(matches!(stale, Err(ConsoleError::Template(_))), "{stale:?}");
    gateway.delete_template(&edda, &id).await.unwrap();
    let left = gateway.templates(&edda).await.unwrap();
    assert!(left.iter().all(|template| template.id != id));
}

async fn the_file_is_taken_when_asked(place: &Place) {
    let desk = Desk::open(place).await;
    let olga = desk.person("olga", &[Role::Operator], "live").await;
    let found = desk.gateway.file_differences(&olga).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].kind, found[0].name.as_str()),
        ("alias group", "flood")
    );
    desk.gateway
        .take_from_file(&olga, "alias group", "flood")
        .await
        .unwrap();
    assert!(
        desk.gateway
            .file_differences(&olga)
            .await
            .unwrap()
            .is_empty()
    );
    let flood = desk
        .gateway
        .directory()
        .group(&"flood".parse().unwrap())
        .unwrap();
    assert_eq!(flood.receivers_expected, Some(7));
    let audit = desk.audit().await;
    assert!(
        audit
            .iter()
            .any(|(who, action, ..)| who == "olga" && action == "take_from_file")
    );
}
