//! The certificates in use, and the look at the files whether there are new ones.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ServerConfig;

use crate::model::Sha256;

use super::{Files, TlsError};

/// Between two looks at the files: three short reads.
const RELOAD_EVERY: Duration = Duration::from_secs(5);

/// Certificates that change with their files.
#[derive(Debug)]
pub struct Tls {
    files: Files,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    server: Arc<ServerConfig>,
    /// What was read last, good or bad; `None` if it could not be read.
    seen: Option<Sha256>,
}

impl Tls {
    /// Reads the files for the first time. Blocks.
    pub fn load(files: Files) -> Result<Self, TlsError> {
        let contents = files.read()?;
        let state = State {
            server: Arc::new(contents.server()?),
            seen: Some(contents.digest()),
        };
        Ok(Self {
            files,
            state: Mutex::new(state),
        })
    }

    /// How to shake hands now.
    pub fn server(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.state().server)
    }

    /// Looks at the files until `stop` completes.
    pub async fn watch(self: Arc<Self>, stop: impl Future<Output = ()>) {
        let looking = async {
            loop {
                tokio::time::sleep(RELOAD_EVERY).await;
                let tls = Arc::clone(&self);
                // It ends early only with the runtime.
                let _ = tokio::task::spawn_blocking(move || tls.look()).await;
            }
        };
        tokio::select! {
            () = looking => {}
            () = stop => {}
        }
    }

    /// Takes the files if they have changed and can be used. Blocks.
    pub(super) fn look(&self) {
        let read = self.files.read();
        let seen = read.as_ref().ok().map(super::Contents::digest);
        if self.state().seen == seen {
            return;
        }
        match read.and_then(|contents| contents.server()) {
            Ok(server) => {
                let mut state = self.state();
                state.server = Arc::new(server);
                state.seen = seen;
                drop(state);
                tracing::info!("new certificates are in use");
            }
            Err(error) => {
                self.state().seen = seen;
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the new certificates cannot be used, the old ones stay in use"
                );
            }
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
