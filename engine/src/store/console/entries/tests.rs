use super::*;

#[tokio::test]
async fn short_lists_are_found_without_reading_what_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("push.db").display());
    let store = Store::open(&file, "a").await.unwrap();
    let workspace = "live".parse().unwrap();
    for tab in [Tab::Live, Tab::Waiting] {
        let query = ListQuery {
            tab,
            ..ListQuery::default()
        };
        let plan = store.explain(store.question(&workspace, &query)).await;
        let finds = |line: &String| line.starts_with("SEARCH s ") && line.ends_with("(id=?)");
        assert!(plan.iter().any(finds), "{tab:?} {plan:?}");
        let walks = |line: &&String| line.contains("transmission_submission");
        assert_eq!(plan.iter().find(walks), None, "{tab:?}");
    }
    store.close().await.unwrap();
}
