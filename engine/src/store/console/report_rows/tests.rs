use super::*;

#[test]
fn keys_begin_with_their_time() {
    let key = uuid::Uuid::now_v7().to_string();
    let now_ms = u64::from_str_radix(&key[..13].replace('-', ""), 16).unwrap();
    assert!(key_at(now_ms) <= key);
    assert!(key < key_at(now_ms + 1));
}

#[tokio::test]
async fn no_report_reads_all_of_what_belongs_to_pushes() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("push.db").display());
    let store = Store::open(&file, "a").await.unwrap();
    let workspace = "live".parse().unwrap();
    let range = [("a".to_owned(), "b".to_owned())];
    let among = [
        Among::All,
        Among::Ranges(&range),
        Among::Summed(&range),
        Among::Uncounted,
    ];
    let dimensions = Dimension::ALL.iter().copied().map(Some).chain([None]);
    for (by, among) in dimensions.flat_map(|by| among.map(|among| (by, among))) {
        let query = ReportQuery::of(by.unwrap_or_default(), 0, 1);
        let question = Question {
            workspace: &workspace,
            query: &query,
            by,
            among,
            from_ms: 0,
            to_ms: 1,
            limit: 1,
            last_name: None,
        };
        for beside in [NOTHING, TRANSMISSIONS, OUTBOX] {
            let ask = question.from(question.begin(), "", beside);
            let plan = store.explain(ask).await;
            let reads_all = |line: &&String| {
                let mut words = line.split(' ');
                words.next() == Some("SCAN") && matches!(words.next(), Some("d" | "t" | "o"))
            };
            assert_eq!(plan.iter().find(reads_all), None, "{question:?} {plan:?}");
            assert!(
                plan.iter().any(|line| line.starts_with("SEARCH d ")),
                "{plan:?}"
            );
        }
    }
    store.close().await.unwrap();
}
