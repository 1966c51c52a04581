//! Cells of areas as a table, where a centre has to be told them; and the link to that centre.

use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;

use super::visitor::Visitor;
use crate::gateway::Setup;

/// A centre that need not answer: what it can be told is known from how it is spoken to.
const CENTRE: &str = "[[cbc]]\nname = \"centre\"\nadapter = \"ecbe\"\nurl = \"http://127.0.0.1:9\"\n\
     [[channel]]\nname = \"cells\"\nkind = \"cbs\"\nlink = \"centre\"\nmessage_ids = [919]\n\
     [[area]]\nname = \"coast\"\nchannels = [\"cells\"]\ncells = [\"plmn\"]\n\
     [[workspace]]\nname = \"lab\"\nmode = \"test\"\nchannels = [\"air\", \"cells\"]\n";

async fn uploaded(visitor: &Visitor, csv: &str, fields: &[&str]) -> String {
    let answer = visitor
        .upload_file("/w/lab/areas/cells", csv, fields)
        .send();
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.text().await.unwrap()
}

#[tokio::test]
async fn cells_that_no_centre_can_be_told_are_refused_line_by_line() {
    let gateway = Setup::new().with(CENTRE).start();
    let first = Visitor::first(&gateway).await;
    let shape = "area,cell\ncoast,\"circle:54.5,-1.6 3\"\nnowhere,plmn\ncoast,plmn\n";
    let page = uploaded(&first, shape, &["replace", "store"]).await;
    // The network as a whole can be told, so that a shape beside it does no harm.
    assert!(
        page.contains("1 new stored, 1 there already, 1 unknown"),
        "{page}"
    );
    let only = "area,cell\ncoast,\"circle:54.5,-1.6 3\"\n";
    let page = uploaded(&first, only, &["replace", "store"]).await;
    assert!(page.contains("0 new stored, 1 not understood"), "{page}");
    assert!(
        page.contains("cannot carry the area circle:54.5,-1.6 3"),
        "{page}"
    );
    let table = first.get("/w/lab/areas.csv").send().await.unwrap();
    assert_eq!(table.headers()[CONTENT_TYPE], "text/csv; charset=utf-8");
    let table = table.text().await.unwrap();
    assert_eq!(
        table,
        "area,cell\ncoast,\"circle:54.5,-1.6 3\"\ncoast,plmn\n"
    );
}

#[tokio::test]
async fn a_link_is_paused_and_resumed_with_a_reason() {
    let gateway = Setup::new().with(CENTRE).start();
    let first = Visitor::first(&gateway).await;
    let page = async |path: &str| first.get(path).send().await.unwrap().text().await.unwrap();
    let list = page("/w/lab/channels").await;
    assert!(list.contains("href=\"/w/lab/links/centre\""), "{list}");
    let mode = |form: &str| first.post("/w/lab/links/centre/mode", form).send();
    let answer = mode("mode=paused&reason=").await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let answer = mode("mode=paused&reason=new+software").await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let paused = page("/w/lab/links/centre").await;
    assert!(
        paused.contains("new software") && paused.contains("Resume the link"),
        "{paused}"
    );
    let answer = mode("mode=open&reason=done").await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let open = page("/w/lab/links/centre").await;
    assert!(open.contains("Pause the link"), "{open}");
    let other = page("/w/live/links/centre").await;
    assert!(
        !other.contains("Pause the link"),
        "only whoever operates there"
    );
}
