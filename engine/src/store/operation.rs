//! What can be put into a transaction of the writer.

use std::future::Future;
use std::pin::Pin;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use tokio::sync::oneshot;

use super::dialect::Dialect;
use super::error::StoreError;
use super::intake::{Submit, Submitted};
use super::statement::Query;
use super::statements::Statements;
use super::transmissions::{Plan, Planned};

/// An open write transaction, shared by the operations of a batch.
pub(super) struct Tx<'a> {
    pub(super) connection: &'a mut AnyConnection,
    pub(super) dialect: Dialect,
    pub(super) statements: &'a Statements,
}

impl Tx<'_> {
    /// All rows of a query.
    pub(super) async fn rows(&mut self, query: Query<'_>) -> Result<Vec<AnyRow>, StoreError> {
        Ok(query.fetch_all(&mut *self.connection).await?)
    }

    /// The row of a query that has at most one. It runs to its end, unlike `fetch_optional`.
    pub(super) async fn row(&mut self, query: Query<'_>) -> Result<Option<AnyRow>, StoreError> {
        Ok(self.rows(query).await?.pop())
    }

    /// Rows that a statement changed.
    pub(super) async fn run(&mut self, query: Query<'_>) -> Result<u64, StoreError> {
        Ok(query.execute(&mut *self.connection).await?.rows_affected())
    }
}

/// A write with an answer of its own type. It may run more than once: a neighbour's error takes
/// the whole transaction back, and then it runs again in another. After an error of its own
/// nothing of it remains.
pub(super) trait Operation: Send + Sync + 'static {
    /// What the caller hears.
    type Answer: Send + 'static;

    /// Does it.
    fn apply(
        &self,
        tx: &mut Tx<'_>,
    ) -> impl Future<Output = Result<Self::Answer, StoreError>> + Send;
}

/// Where an answer goes once its transaction is committed. The caller may be gone by then.
pub(super) struct Reply<A> {
    sender: oneshot::Sender<Result<A, StoreError>>,
    answer: Option<A>,
}

impl<A> Reply<A> {
    pub(super) fn new() -> (Self, oneshot::Receiver<Result<A, StoreError>>) {
        let (sender, receiver) = oneshot::channel();
        let reply = Self {
            sender,
            answer: None,
        };
        (reply, receiver)
    }

    /// Keeps the answer until the commit.
    pub(super) fn hold(&mut self, answer: A) {
        self.answer = Some(answer);
    }

    fn finish(self, end: Result<(), StoreError>) {
        let answer = end.and_then(|()| self.answer.ok_or(StoreError::Failed));
        // A caller that gave up hears nothing; its write stands.
        drop(self.sender.send(answer));
    }
}

/// An operation whose answer type is forgotten.
pub(super) trait Job: Send {
    fn run<'a>(
        &'a mut self,
        tx: &'a mut Tx<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

    fn finish(self: Box<Self>, end: Result<(), StoreError>);
}

/// An operation and who waits for it.
pub(super) struct Pending<O: Operation> {
    pub(super) operation: O,
    pub(super) reply: Reply<O::Answer>,
}

impl<O: Operation> Job for Pending<O> {
    fn run<'a>(
        &'a mut self,
        tx: &'a mut Tx<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>> {
        Box::pin(async move {
            let answer = self.operation.apply(tx).await?;
            self.reply.hold(answer);
            Ok(())
        })
    }

    fn finish(self: Box<Self>, end: Result<(), StoreError>) {
        self.reply.finish(end);
    }
}

/// A message to the writer.
pub(super) enum Write {
    /// Commit what is there, move it into the main file, and end.
    Close(oneshot::Sender<Result<(), StoreError>>),
    /// Anything else.
    Other(Box<dyn Job>),
    /// A plan: these too go together.
    Plan(Box<Plan>, Reply<Planned>),
    /// A submission: these go together into statements of many rows.
    Submit(Box<Submit>, Reply<Submitted>),
}

/// Tells every caller how it ended.
pub(super) fn finish(writes: Vec<Write>, mut end: impl FnMut() -> Result<(), StoreError>) {
    for write in writes {
        write.finish(end());
    }
}

impl Write {
    /// Tells the caller how it ended.
    pub(super) fn finish(self, end: Result<(), StoreError>) {
        match self {
            Self::Close(sender) => drop(sender.send(end)),
            Self::Other(job) => job.finish(end),
            Self::Plan(_, reply) => reply.finish(end),
            Self::Submit(_, reply) => reply.finish(end),
        }
    }
}
