//! Whether a centre takes what a channel would hand to it.

use pushcast_cbs::cbep::Capabilities;
use pushcast_cbs::dcs::Charset;

use crate::model::CbsChannel;
use crate::model::channel::CbsPayload;

/// What a centre cannot carry of what a channel would hand to it.
pub(crate) fn not_carried(channel: &CbsChannel, capabilities: &Capabilities) -> Option<String> {
    let name = capabilities.name;
    match channel.payload {
        CbsPayload::Text => None,
        CbsPayload::Etws if !capabilities.etws_primary => Some(format!(
            "a centre that speaks {name} does not take ETWS primary notifications"
        )),
        CbsPayload::Etws => channel
            .message_ids
            .iter()
            .find(|id| !pushcast_cbs::message_id::MessageId(*id).is_etws())
            .map(|id| format!("message identifier {id} is not one of ETWS, 4352 to 4359")),
        CbsPayload::Ports | CbsPayload::Raw | CbsPayload::Wap => {
            (!capabilities.charsets.contains(&Charset::EightBit)).then(|| {
                format!("a centre that speaks {name} takes text alone, so payload must be \"text\"")
            })
        }
    }
}
