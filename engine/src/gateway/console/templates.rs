//! Templates of a workspace.

use super::state::{Done, new_key};
use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::alert::{TemplateError, Use};
use crate::model::{Action, AlertContent, Template, TemplateId};
use crate::store::Steps;

/// Longest name of a template, octets.
const MAX_NAME_BYTES: usize = 200;

impl Gateway {
    /// The workspace's templates: corrections last, then by name. Needs `See`.
    pub async fn templates(&self, actor: &Actor) -> Result<Vec<Template>, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let mut templates = self.inner.store.templates(&actor.workspace.name).await?;
        templates.sort_by_key(|template| template.purpose);
        Ok(templates)
    }

    /// One of them. Needs `See`.
    pub async fn template(&self, actor: &Actor, id: &TemplateId) -> Result<Template, ConsoleError> {
        self.authorize(actor, Action::See).await?;
        let found = self.inner.store.template(&actor.workspace.name, id).await?;
        found.ok_or(ConsoleError::NotFound { what: "template" })
    }

    /// Creates one. Needs `EditTemplates`.
    pub async fn create_template(
        &self,
        actor: &Actor,
        name: &str,
        purpose: Use,
        content: AlertContent,
    ) -> Result<TemplateId, ConsoleError> {
        self.authorize(actor, Action::EditTemplates).await?;
        let template = Template {
            id: new_key()?,
            workspace: actor.workspace.name.clone(),
            name: name.trim().to_owned(),
            purpose,
            content,
            revision: 1,
            changed_by: Some(actor.name().clone()),
            changed_ms: self.inner.clock.unix_ms(),
        };
        self.check_template(actor, &template).await?;
        let done = Done::new("create_template", format!("template {}", template.id));
        let steps = Steps::default()
            .create_template(&template)?
            .audited(self.done(actor, done.after(&template)));
        self.commit(steps).await?;
        Ok(template.id)
    }

    async fn check_template(&self, actor: &Actor, template: &Template) -> Result<(), ConsoleError> {
        template.check()?;
        if template.name.len() > MAX_NAME_BYTES {
            return Err(ConsoleError::field("name", "Shorten the name."));
        }
        self.check_attachments(actor, &template.content).await
    }

    /// Changes one. The template quotes the revision that the form showed. Needs `EditTemplates`.
    pub async fn change_template(
        &self,
        actor: &Actor,
        template: Template,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditTemplates).await?;
        let before = self.template(actor, &template.id).await?;
        if before.revision != template.revision {
            return Err(TemplateError::Changed.into());
        }
        let after = Template {
            id: before.id.clone(),
            workspace: before.workspace.clone(),
            name: template.name.trim().to_owned(),
            purpose: template.purpose,
            content: template.content,
            revision: before.revision + 1,
            changed_by: Some(actor.name().clone()),
            changed_ms: self.inner.clock.unix_ms(),
        };
        self.check_template(actor, &after).await?;
        let done = Done::new("change_template", format!("template {}", after.id));
        let steps = Steps::default()
            .change_template(&after)?
            .audited(self.done(actor, done.before(&before).after(&after)));
        self.commit(steps).await
    }

    /// Deletes one; alerts made from it stay. Needs `EditTemplates`.
    pub async fn delete_template(
        &self,
        actor: &Actor,
        id: &TemplateId,
    ) -> Result<(), ConsoleError> {
        self.authorize(actor, Action::EditTemplates).await?;
        let before = self.template(actor, id).await?;
        let done = Done::new("delete_template", format!("template {id}"));
        let steps = Steps::default()
            .delete_template(&actor.workspace.name, id)
            .audited(self.done(actor, done.before(&before)));
        self.commit(steps).await
    }
}
