//! Templates of a workspace.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::Use;
use crate::model::{AlertContent, Template, TemplateId};

impl Gateway {
    /// The workspace's templates: corrections last, then by name. Needs `See`.
    pub async fn templates(&self, actor: &Actor) -> Result<Vec<Template>, ConsoleError> {
        let _ = actor;
        Err(ConsoleError::NotYet)
    }

    /// One of them. Needs `See`.
    pub async fn template(&self, actor: &Actor, id: &TemplateId) -> Result<Template, ConsoleError> {
        let _ = (actor, id);
        Err(ConsoleError::NotYet)
    }

    /// Creates one. Needs `EditTemplates`.
    pub async fn create_template(
        &self,
        actor: &Actor,
        name: &str,
        purpose: Use,
        content: AlertContent,
    ) -> Result<TemplateId, ConsoleError> {
        let _ = (actor, name, purpose, content);
        Err(ConsoleError::NotYet)
    }

    /// Changes one. The template quotes the revision that the form showed. Needs `EditTemplates`.
    pub async fn change_template(
        &self,
        actor: &Actor,
        template: Template,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, template);
        Err(ConsoleError::NotYet)
    }

    /// Deletes one; alerts made from it stay. Needs `EditTemplates`.
    pub async fn delete_template(
        &self,
        actor: &Actor,
        id: &TemplateId,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, id);
        Err(ConsoleError::NotYet)
    }
}
