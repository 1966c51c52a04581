//! `pushcast user`

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::clock::Clock;
use crate::config::{Config, Overrides};
use crate::gateway::console::{ConsoleError, add_from_command_line};
use crate::model::Role;
use crate::model::user::Scope;
use crate::serve::seeding;
use crate::store::Store;

use super::{Ended, output};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Add somebody, or give somebody another role: prints the link by which they choose a
    /// password. A gateway that runs need not be stopped.
    Add(Add),
}

#[derive(clap::Args)]
struct Add {
    /// Name to sign in with.
    name: String,
    /// administrator, approver, author, editor, operator or viewer; more than one are possible.
    #[arg(long, required = true)]
    role: Vec<Role>,
    /// Workspace in which the roles count; without it everywhere.
    #[arg(long)]
    workspace: Option<String>,
    /// What they are called.
    #[arg(long, default_value = "")]
    full_name: String,
    /// Configuration file, as `serve` has it.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Folder of everything that is kept, as `serve` has it.
    #[arg(long)]
    data_dir: Option<PathBuf>,
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let Command::Add(add) = arguments.command;
    let config = match &add.config {
        Some(path) => match Config::read(path) {
            Ok(config) => config,
            Err(errors) => {
                output::note(&errors.to_string());
                return Ok(Ended::Misused);
            }
        },
        None => Config::lab(),
    };
    let config = config.with_overrides(Overrides {
        data_dir: add.data_dir,
        ..Overrides::default()
    });
    let scope = match add.workspace.as_deref() {
        None => Scope::Everywhere,
        Some(name) => Scope::from_stored(name).context("this is no name of a workspace")?,
    };
    let owner = format!("{}-user", std::process::id());
    let store = Store::open_beside(&config.server().database_url(), &owner)
        .await
        .context("the database cannot be opened")?;
    let now_ms = Clock::system().unix_ms();
    // Before the first start of a gateway there are no workspaces yet.
    seeding::workspaces(&config, &store, now_ms).await?;
    let roles = add.role.iter().map(|role| (*role, scope.clone()));
    let added = add_from_command_line(&store, now_ms, &add.name, &add.full_name, roles.collect());
    let word = match added.await {
        Ok(word) => word,
        Err(ConsoleError::NotFound { what }) => bail!("this {what} does not exist"),
        Err(error) => return Err(error.into()),
    };
    let scheme = config.tls().map_or("http", |_| "https");
    let listen = config.server().listen;
    output::line(&format!("{scheme}://{listen}/set-up/{word}"));
    Ok(Ended::Done)
}
