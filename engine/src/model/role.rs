//! Roles of the console's users, and what each may do.
//!
//! | action | Administrator | Approver | Author | Editor | Operator | Viewer |
//! |---|---|---|---|---|---|---|
//! | [`Action::See`] | x | x | x | x | x | x |
//! | [`Action::SeeAudit`] | x | x | | | x | |
//! | [`Action::Compose`] | | | x | | | |
//! | [`Action::Approve`] | | x | | | | |
//! | [`Action::Stop`] | | x | x | | x | |
//! | [`Action::EditTemplates`], [`Action::EditGroups`], [`Action::EditAreas`] | | | | x | | |
//! | [`Action::EditChannels`], [`Action::OperateChannels`], [`Action::TakeFromFile`] | | | | | x | |
//! | [`Action::ManageUsers`], [`Action::ManageWorkspaces`], [`Action::ManageInitiators`] | x | | | | | |
//!
//! An administrator gives roles and has no hand in alerts; whoever needs both has both roles.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a person is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Users, workspaces, settings of initiators.
    Administrator,
    /// Approves, returns and rejects what others have written.
    Approver,
    /// Writes alerts and sends them for approval.
    Author,
    /// Templates, alias groups, service areas.
    Editor,
    /// Channels.
    Operator,
    /// Sees, changes nothing.
    Viewer,
}

/// Text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no role; there are administrator, approver, author, editor, operator, viewer")]
pub struct UnknownRole(String);

impl Role {
    /// Every role.
    pub const ALL: &[Self] = &[
        Self::Administrator,
        Self::Approver,
        Self::Author,
        Self::Editor,
        Self::Operator,
        Self::Viewer,
    ];

    /// As stored and as written on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Approver => "approver",
            Self::Author => "author",
            Self::Editor => "editor",
            Self::Operator => "operator",
            Self::Viewer => "viewer",
        }
    }

    /// What it is for, in one sentence for a form.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Administrator => "Adds people, gives roles, sets up workspaces and initiators.",
            Self::Approver => "Approves, returns or rejects alerts that others have written.",
            Self::Author => "Writes alerts and sends them for approval.",
            Self::Editor => "Keeps templates, alias groups and service areas.",
            Self::Operator => "Pauses, drains, tests and changes channels.",
            Self::Viewer => "Sees everything but the audit and changes nothing.",
        }
    }

    /// In a live workspace a second administrator has to agree before it counts.
    pub const fn needs_second_administrator(self) -> bool {
        matches!(self, Self::Approver | Self::Author)
    }

    /// Whether it may do that.
    pub fn may(self, action: Action) -> bool {
        action.roles().contains(&self)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let named = |role: &&Self| role.as_str().eq_ignore_ascii_case(text);
        let found = Self::ALL.iter().find(named).copied();
        found.ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Approve, return or reject an alert, or a push of an initiator whose pushes wait.
    Approve,
    /// Write, copy, submit, take back and discard alerts.
    Compose,
    /// Create, change and delete service areas.
    EditAreas,
    /// Create, change and delete channels.
    EditChannels,
    /// Create, change and delete alias groups.
    EditGroups,
    /// Create, change and delete templates.
    EditTemplates,
    /// Say whose pushes wait for approval, and which workspace they belong to.
    ManageInitiators,
    /// Add and disable people, give and take roles, end their sessions.
    ManageUsers,
    /// Create workspaces, give them channels, set their rules of approval.
    ManageWorkspaces,
    /// Pause, drain, resume and test channels.
    OperateChannels,
    /// Alerts, submissions, groups, areas, channels and reports of the workspace.
    See,
    /// Read and export the audit.
    SeeAudit,
    /// Take an alert or a push off the air.
    Stop,
    /// Put the configuration file's definition in the place of the stored one.
    TakeFromFile,
}

impl Action {
    /// Every action.
    pub const ALL: &[Self] = &[
        Self::Approve,
        Self::Compose,
        Self::EditAreas,
        Self::EditChannels,
        Self::EditGroups,
        Self::EditTemplates,
        Self::ManageInitiators,
        Self::ManageUsers,
        Self::ManageWorkspaces,
        Self::OperateChannels,
        Self::See,
        Self::SeeAudit,
        Self::Stop,
        Self::TakeFromFile,
    ];

    /// Who may do it.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Approve => &[Role::Approver],
            Self::Compose => &[Role::Author],
            Self::EditAreas | Self::EditGroups | Self::EditTemplates => &[Role::Editor],
            Self::EditChannels | Self::OperateChannels | Self::TakeFromFile => &[Role::Operator],
            Self::ManageInitiators | Self::ManageUsers | Self::ManageWorkspaces => {
                &[Role::Administrator]
            }
            Self::See => Role::ALL,
            Self::SeeAudit => &[Role::Administrator, Role::Approver, Role::Operator],
            Self::Stop => &[Role::Approver, Role::Author, Role::Operator],
        }
    }

    /// As the audit names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Compose => "compose",
            Self::EditAreas => "edit_areas",
            Self::EditChannels => "edit_channels",
            Self::EditGroups => "edit_groups",
            Self::EditTemplates => "edit_templates",
            Self::ManageInitiators => "manage_initiators",
            Self::ManageUsers => "manage_users",
            Self::ManageWorkspaces => "manage_workspaces",
            Self::OperateChannels => "operate_channels",
            Self::See => "see",
            Self::SeeAudit => "see_audit",
            Self::Stop => "stop",
            Self::TakeFromFile => "take_from_file",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the module's head, written a second time by hand.
    #[test]
    fn each_role_may_do_what_the_table_says() {
        use Action as A;
        let table: &[(Role, &[Action])] = &[
            (
                Role::Administrator,
                &[
                    A::ManageInitiators,
                    A::ManageUsers,
                    A::ManageWorkspaces,
                    A::See,
                    A::SeeAudit,
                ],
            ),
            (Role::Approver, &[A::Approve, A::See, A::SeeAudit, A::Stop]),
            (Role::Author, &[A::Compose, A::See, A::Stop]),
            (
                Role::Editor,
                &[A::EditAreas, A::EditGroups, A::EditTemplates, A::See],
            ),
            (
                Role::Operator,
                &[
                    A::EditChannels,
                    A::OperateChannels,
                    A::See,
                    A::SeeAudit,
                    A::Stop,
                    A::TakeFromFile,
                ],
            ),
            (Role::Viewer, &[A::See]),
        ];
        assert_eq!(table.len(), Role::ALL.len());
        for (role, allowed) in table {
            for action in Action::ALL {
                let expected = allowed.contains(action);
                assert_eq!(role.may(*action), expected, "{role} {action:?}");
            }
        }
    }

    #[test]
    fn nobody_both_writes_and_approves_by_one_role() {
        for role in Role::ALL {
            assert!(!(role.may(Action::Compose) && role.may(Action::Approve)));
            assert!(!(role.may(Action::ManageUsers) && role.may(Action::Compose)));
        }
    }

    #[test]
    fn roles_are_read_back() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(*role));
        }
        assert!("root".parse::<Role>().is_err());
    }
}
