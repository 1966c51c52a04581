//! What of a page changes by itself, ready to be shown: words, marks, numbers. The server makes it
//! of what the gateway says and in the reader's zone; the browser only draws it, so that little
//! has to be sent there.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::tag::{Shape, tag};

/// A board.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Board {
    /// One sentence about everything; empty for none.
    pub lead: String,
    /// Figures that lead to lists.
    pub counters: Vec<Counter>,
    /// Its parts in their order.
    pub parts: Vec<Part>,
}

/// A figure that leads to its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// The figure.
    pub number: u32,
    /// What is counted.
    pub name: String,
    /// Where the list is.
    pub path: String,
    /// How it stands out while it is not 0: `bad`, `waiting`, or nothing.
    pub tint: String,
}

/// Cards under a heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The heading; empty for none.
    pub heading: String,
    /// What stands there without cards.
    pub empty: String,
    /// The cards.
    pub cards: Vec<Card>,
}

/// One thing that is going on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Card {
    /// How bad it is, for the edge; empty for no edge.
    pub edge: String,
    /// Its name.
    pub title: String,
    /// Its page; empty for none.
    pub path: String,
    /// How it is.
    pub marks: Vec<Mark>,
    /// More about it.
    pub lines: Vec<String>,
    /// How much of `all` is done; nothing is drawn where `all` is 0.
    pub done: u32,
    /// See `done`.
    pub all: u32,
    /// Where it can be stopped; empty for nowhere.
    pub stop_path: String,
    /// The words on that button.
    pub stop_words: String,
    /// A table about it.
    pub rows: Vec<BoardRow>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// See [`tag`].
    pub tint: String,
    /// Before the word.
    pub shape: Shape,
    /// The word.
    pub word: String,
}

/// A row of a card's table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardRow {
    /// What it is about.
    pub name: String,
    /// How it is.
    pub mark: Mark,
    /// How much of `all` is done; nothing is drawn where `all` is 0.
    pub done: u32,
    /// See `done`.
    pub all: u32,
    /// The rest, in the order of [`ROW_COLUMNS`] from the third on.
    pub cells: Vec<String>,
    /// What is to be said of it, such as what went wrong; empty for nothing.
    pub more: String,
}

/// Columns of a card's table.
pub const ROW_COLUMNS: [&str; 6] = [
    "Channel",
    "State",
    "Passes",
    "First packet",
    "Octets",
    "On the wire as",
];

impl Mark {
    /// A tag.
    pub fn new(tint: &str, shape: Shape, word: impl Into<String>) -> Self {
        Self {
            tint: tint.to_owned(),
            shape,
            word: word.into(),
        }
    }

    /// Drawn.
    pub fn view(&self) -> impl IntoView + use<> {
        tag(&self.tint, self.shape, self.word.clone())
    }
}

/// Figures and cards, drawn.
pub(crate) fn drawn(board: &Board) -> impl IntoView + use<> {
    let counters: Vec<_> = board.counters.iter().map(counter).collect();
    let counters = (!counters.is_empty()).then(|| view! { <ul class="counters">{counters}</ul> });
    let parts: Vec<_> = board.parts.iter().map(part).collect();
    let class = if parts.len() > 1 { "two-thirds" } else { "" };
    view! {
        {counters}
        <div class=class>{parts}</div>
    }
}

fn counter(counter: &Counter) -> impl IntoView + use<> {
    let class = match (counter.number, counter.tint.as_str()) {
        (0, _) | (_, "") => "counter".to_owned(),
        (_, tint) => format!("counter counter-{tint}"),
    };
    view! {
        <li>
            <a class=class href=counter.path.clone()>
                <strong>{counter.number}</strong>
                <span class="counter-name">{counter.name.clone()}</span>
            </a>
        </li>
    }
}

fn part(part: &Part) -> impl IntoView + use<> {
    let heading = (!part.heading.is_empty()).then(|| view! { <h2>{part.heading.clone()}</h2> });
    let empty = part
        .cards
        .is_empty()
        .then(|| view! { <div class="empty"><p>{part.empty.clone()}</p></div> });
    let cards: Vec<_> = part.cards.iter().map(card).collect();
    let cards = (!cards.is_empty()).then(|| view! { <ul class="cards">{cards}</ul> });
    view! { <section>{heading} {empty} {cards}</section> }
}

fn card(card: &Card) -> impl IntoView + use<> {
    let class = if card.edge.is_empty() {
        "card".to_owned()
    } else {
        format!("card card-{}", card.edge)
    };
    let path = (!card.path.is_empty()).then(|| card.path.clone());
    let marks: Vec<_> = card.marks.iter().map(Mark::view).collect();
    let lines: Vec<_> = card
        .lines
        .iter()
        .map(|line| view! { <p>{line.clone()}</p> })
        .collect();
    let stop = (!card.stop_path.is_empty()).then(|| {
        view! {
            <p>
                <a class="button-danger button-small" href=card.stop_path.clone()>
                    {card.stop_words.clone()}
                    <span class="visually-hidden">{format!(": {}", card.title)}</span>
                </a>
            </p>
        }
    });
    let table = (!card.rows.is_empty()).then(|| table(card));
    view! {
        <li class=class>
            <h3><a href=path><bdi>{card.title.clone()}</bdi></a></h3>
            <p class="tags">{marks}</p>
            {lines}
            {bar(card.done, card.all, "deliveries transmitted")}
            {table}
            {stop}
        </li>
    }
}

/// So much of it is done, as a bar and in words.
fn bar(done: u32, all: u32, what: &str) -> impl IntoView + use<> {
    (all > 0).then(|| {
        let words = format!("{done} of {all} {what}");
        view! {
            <p>
                <progress max=all value=done aria-label=words.clone()></progress>
                <span class="progress-words">{words}</span>
            </p>
        }
    })
}

fn table(card: &Card) -> impl IntoView + use<> {
    let head: Vec<_> = ROW_COLUMNS
        .iter()
        .map(|name| view! { <th scope="col">{*name}</th> })
        .collect();
    let rows: Vec<_> = card.rows.iter().map(row).collect();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label=format!("Channels of {}", card.title)>
            <table>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(row: &BoardRow) -> impl IntoView + use<> {
    let cells: Vec<_> = row
        .cells
        .iter()
        .map(|cell| view! { <td>{cell.clone()}</td> })
        .collect();
    // What is said of something that has not failed is no error.
    let class = match row.mark.tint.as_str() {
        "extreme" | "severe" => "field-error",
        _ => "muted",
    };
    let more = (!row.more.is_empty()).then(|| view! { <p class=class>{row.more.clone()}</p> });
    view! {
        <tr>
            <th scope="row">{row.name.clone()}</th>
            <td>{row.mark.view()} {more}</td>
            <td>{bar(row.done, row.all, "")}</td>
            {cells}
        </tr>
    }
}
