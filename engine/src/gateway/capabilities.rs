//! Client capabilities query (PAP 5.5, 8.10, 8.11): clients are not known one by one, so the
//! answer is what the operator declared of the receivers of the address's channels.

use crate::content::uaprof::{self, Capabilities};
use crate::model::{Initiator, StatusCode};
use crate::pap::message::Ccq;
use crate::pap::response::{CcqResponse, Response};

use super::Gateway;

impl Gateway {
    /// What the receivers behind an address can take: the answer, and with code 1000 the profile
    /// that is its second entity (UAProf RDF).
    pub fn capabilities(&self, initiator: &Initiator, query: &Ccq) -> (Response, Option<String>) {
        let found = self.declared(initiator, query);
        let (code, desc, profile) = match found {
            Ok(profile) => {
                let code = StatusCode::Ok;
                (
                    code,
                    code.phrase().to_owned(),
                    Some(uaprof::write(&profile)),
                )
            }
            Err((code, desc)) => (code, desc, None),
        };
        let response = Response::Ccq(CcqResponse {
            query_id: query.query_id.clone(),
            code: code.into(),
            desc: Some(desc),
            address: query.address.raw().to_owned(),
        });
        (response, profile)
    }

    fn declared(
        &self,
        initiator: &Initiator,
        query: &Ccq,
    ) -> Result<Capabilities, (StatusCode, String)> {
        let recipient = &query.address;
        let address = recipient
            .address()
            .map_err(|error| (StatusCode::AddressError, error.to_string()))?;
        let directory = &self.inner.directory;
        let route = directory
            .route(address, initiator, None)
            .map_err(|error| (StatusCode::from(&error), error.to_string()))?;
        let channels = route
            .channels
            .iter()
            .filter_map(|name| directory.channel(name));
        Capabilities::merged(channels).ok_or_else(|| {
            let desc = "no channel of this address declares what its receivers can do";
            (StatusCode::CapabilitiesNotAvailable, desc.to_owned())
        })
    }
}
