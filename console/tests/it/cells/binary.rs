//! Binary pushes: a service indication as a WSP push in pages.

use super::{Centre, accept, cells, typed};
use crate::initiator::push;
use crate::lab::{Lab, PATIENCE};
use crate::process::wait_for;

const SI: &[u8] = include_bytes!("../../../../engine/tests/samples/content/si.xml");
const SIC: &[u8] = include_bytes!("../../../../engine/tests/samples/content/si.wbxml");

#[tokio::test(flavor = "multi_thread")]
async fn a_service_indication_arrives_in_binary_in_every_form() {
    for payload in ["ports", "raw", "wap"] {
        let centre = Centre::start();
        let channel = format!("message_ids = [919]\npayload = \"{payload}\"");
        let lab = Lab::new(&(centre.link("one", "") + &cells(&channel)));
        let _gateway = lab.start();
        accept(
            &lab.client(),
            push("si@pi", None),
            &typed("text/vnd.wap.si", SI),
        )
        .await;
        let shown = wait_for("the push", PATIENCE, || {
            let state = centre.state();
            let shown = state["shown"].as_array()?.first()?.clone();
            Some(shown)
        });
        assert_eq!(shown["charset"], "8bit", "{payload}");
        let push = &shown["push"];
        assert_eq!(
            push["content_type"], "application/vnd.wap.sic",
            "{payload}: {shown}"
        );
        let hex: String = SIC.iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(push["data"], hex, "{payload}");
    }
}
