//! Tables, pairs, pages of lists, tabs, what happened when.

use leptos::prelude::*;

use crate::http::Fields;

/// A row of a table: a link or text in the first column, cells behind it.
pub(crate) struct Row {
    /// First cell: the row's name.
    pub head: AnyView,
    /// The others.
    pub cells: Vec<AnyView>,
}

impl Row {
    pub(crate) fn new(head: impl IntoView + 'static, cells: Vec<AnyView>) -> Self {
        Self {
            head: head.into_any(),
            cells,
        }
    }
}

/// A table that scrolls in its own box. Columns whose names begin with `#` hold numbers.
#[component]
pub(crate) fn Table(
    /// What it is a table of, for those who do not see what is around it.
    #[prop(into)]
    caption: String,
    /// Names of the columns.
    columns: Vec<&'static str>,
    /// The rows.
    rows: Vec<Row>,
) -> impl IntoView {
    let numbers: Vec<bool> = columns.iter().map(|name| name.starts_with('#')).collect();
    let class = |number: bool| number.then_some("number");
    let head: Vec<_> = columns
        .iter()
        .map(|name| {
            let is_number = name.starts_with('#');
            view! {
                <th scope="col" class=class(is_number)>
                    {name.trim_start_matches('#')}
                </th>
            }
        })
        .collect();
    let body: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let cells: Vec<_> = row
                .cells
                .into_iter()
                .enumerate()
                .map(|(index, cell)| {
                    let is_number = numbers.get(index + 1).copied().unwrap_or_default();
                    view! { <td class=class(is_number)>{cell}</td> }
                })
                .collect();
            view! {
                <tr>
                    <th scope="row">{row.head}</th>
                    {cells}
                </tr>
            }
        })
        .collect();
    let label = caption.clone();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label=label>
            <table>
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
}

/// Names and what belongs to them; with a third part a link to change it.
#[component]
pub(crate) fn SummaryList(
    /// Name, value, and where it can be changed.
    pairs: Vec<(&'static str, AnyView, Option<String>)>,
) -> impl IntoView {
    let pairs: Vec<_> = pairs
        .into_iter()
        .map(|(name, value, change)| {
            let class = change.is_some().then_some("changeable");
            let change = change.map(|path| {
                view! {
                    <dd>
                        <a href=path>
                            "Change" <span class="visually-hidden">{format!(" {}", name.to_lowercase())}</span>
                        </a>
                    </dd>
                }
            });
            view! {
                <div class=class>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                    {change}
                </div>
            }
        })
        .collect();
    view! { <dl class="summary">{pairs}</dl> }
}

/// What stands where a list is empty: what it means and what to do.
#[component]
pub(crate) fn Empty(
    /// What it means.
    #[prop(into)]
    text: String,
    /// What to do.
    #[prop(optional)]
    next: Option<AnyView>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p>{text}</p>
            {next}
        </div>
    }
}

/// Leads on in a list; filters and order stay.
#[component]
pub(crate) fn Pager(
    /// Path of the list.
    path: String,
    /// Its query string.
    query: Fields,
    /// Where the next page begins.
    next: Option<String>,
) -> impl IntoView {
    let first = query.has("after").then(|| {
        let first = format!("{path}{}", query.with("after", ""));
        view! { <a href=first>"Back to the first page"</a> }
    });
    let next = next.map(|after| {
        let next = format!("{path}{}", query.with("after", &after));
        view! { <a rel="next" href=next>"Next page"</a> }
    });
    let any = first.is_some() || next.is_some();
    any.then(|| view! { <nav class="pager" aria-label="Pages">{first} {next}</nav> })
}

/// One of several views of the same thing.
pub(crate) struct Tab {
    /// Its name.
    pub name: &'static str,
    /// Its address.
    pub path: String,
    /// It is the one that is shown.
    pub current: bool,
}

/// Links between views of the same thing.
#[component]
pub(crate) fn Tabs(
    /// What they are views of.
    #[prop(into)]
    label: String,
    /// In their order.
    tabs: Vec<Tab>,
) -> impl IntoView {
    let tabs: Vec<_> = tabs
        .into_iter()
        .map(|tab| {
            let current = tab.current.then_some("page");
            view! {
                <li>
                    <a href=tab.path aria-current=current>
                        {tab.name}
                    </a>
                </li>
            }
        })
        .collect();
    view! {
        <nav class="tabs" aria-label=label>
            <ul>{tabs}</ul>
        </nav>
    }
}

/// Something that happened.
pub(crate) struct TimelineItem {
    /// When.
    pub time: AnyView,
    /// What.
    pub text: AnyView,
    /// It went wrong.
    pub wrong: bool,
}

/// What happened, in its order.
#[component]
pub(crate) fn Timeline(
    /// The first one on top.
    items: Vec<TimelineItem>,
) -> impl IntoView {
    let items: Vec<_> = items
        .into_iter()
        .map(|item| {
            let class = item.wrong.then_some("wrong");
            view! {
                <li class=class>
                    <p class="muted">{item.time}</p>
                    <div>{item.text}</div>
                </li>
            }
        })
        .collect();
    view! { <ol class="timeline">{items}</ol> }
}
