//! Fields of forms, each with its label, its hint, and what is wrong with it.

use leptos::prelude::*;

use crate::http::Problem;

/// Says on top of a page what is wrong with the form below, with links to the fields.
#[component]
pub(crate) fn ErrorSummary(
    /// What is wrong; nothing is shown if nothing is.
    problems: Vec<Problem>,
) -> impl IntoView {
    if problems.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> = problems
        .into_iter()
        .map(|problem| {
            let target = format!("#{}", problem.field);
            view! { <li><a href=target>{problem.message}</a></li> }
        })
        .collect();
    view! {
        <div class="error-summary" role="alert" tabindex="-1" id="form">
            <h2>"There is a problem"</h2>
            <ul>{items}</ul>
        </div>
    }
    .into_any()
}

/// The token that every form has to carry.
#[component]
pub(crate) fn Hidden(
    /// Name of the field.
    name: &'static str,
    /// Its value.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! { <input type="hidden" name=name value=value /> }
}

fn wrong(problems: &[Problem], name: &str) -> Option<String> {
    let problem = problems.iter().find(|problem| problem.field == name);
    problem.map(|problem| problem.message.clone())
}

/// Label, hint and error around an input.
fn around(
    name: &'static str,
    label: String,
    hint: String,
    wrong: Option<String>,
    input: AnyView,
) -> AnyView {
    let class = if wrong.is_some() {
        "field field-wrong"
    } else {
        "field"
    };
    let hint = (!hint.is_empty()).then(|| {
        view! { <span class="hint" id=format!("{name}-hint")>{hint}</span> }
    });
    let error = wrong.map(|message| {
        view! { <p class="field-error" id=format!("{name}-error")>"Error: " {message}</p> }
    });
    view! {
        <div class=class>
            <label for=name>{label}</label>
            {hint}
            {error}
            {input}
        </div>
    }
    .into_any()
}

fn described(name: &str, hint: &str, wrong: bool) -> Option<String> {
    let error = wrong.then(|| format!("{name}-error"));
    let hint = (!hint.is_empty()).then(|| format!("{name}-hint"));
    let ids: Vec<String> = error.into_iter().chain(hint).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// One line of text, a number, a time, a password.
#[component]
pub(crate) fn Field(
    /// Name and id.
    name: &'static str,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What stands in it.
    #[prop(into, optional)]
    value: String,
    /// What helps to fill it in.
    #[prop(into, optional)]
    hint: String,
    /// `type` of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// `autocomplete` of the input.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// It has to be filled in.
    #[prop(optional)]
    required: bool,
    /// A number or time: a short box.
    #[prop(optional)]
    short: bool,
    /// What is wrong with the form.
    #[prop(optional)]
    problems: Vec<Problem>,
) -> impl IntoView {
    let wrong = wrong(&problems, name);
    let described = described(name, &hint, wrong.is_some());
    let input = view! {
        <input
            type=kind
            id=name
            name=name
            value=value
            class=short.then_some("short")
            autocomplete=autocomplete
            required=required
            aria-invalid=wrong.is_some().then_some("true")
            aria-describedby=described
        />
    };
    around(name, label, hint, wrong, input.into_any())
}

/// Several lines of text.
#[component]
pub(crate) fn TextArea(
    /// Name and id.
    name: &'static str,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What stands in it.
    #[prop(into, optional)]
    value: String,
    /// What helps to fill it in.
    #[prop(into, optional)]
    hint: String,
    /// Lines that are shown.
    #[prop(default = 3)]
    rows: u32,
    /// It has to be filled in.
    #[prop(optional)]
    required: bool,
    /// What is wrong with the form.
    #[prop(optional)]
    problems: Vec<Problem>,
) -> impl IntoView {
    let wrong = wrong(&problems, name);
    let described = described(name, &hint, wrong.is_some());
    let input = view! {
        <textarea
            id=name
            name=name
            rows=rows.to_string()
            dir="auto"
            required=required
            aria-invalid=wrong.is_some().then_some("true")
            aria-describedby=described
        >
            {value}
        </textarea>
    };
    around(name, label, hint, wrong, input.into_any())
}

/// One of several to choose from: what the form sends, what people read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Option_ {
    pub value: String,
    pub label: String,
    pub hint: String,
}

impl Option_ {
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            hint: String::new(),
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// One of many.
#[component]
pub(crate) fn Select(
    /// Name and id.
    name: &'static str,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What there is.
    options: Vec<Option_>,
    /// Which is chosen.
    #[prop(into, optional)]
    value: String,
    /// What helps to choose.
    #[prop(into, optional)]
    hint: String,
    /// What is wrong with the form.
    #[prop(optional)]
    problems: Vec<Problem>,
) -> impl IntoView {
    let wrong = wrong(&problems, name);
    let described = described(name, &hint, wrong.is_some());
    let options: Vec<_> = options
        .into_iter()
        .map(|option| {
            let selected = option.value == value;
            view! {
                <option value=option.value selected=selected>
                    {option.label}
                </option>
            }
        })
        .collect();
    let input = view! {
        <select id=name name=name class="short" aria-describedby=described>
            {options}
        </select>
    };
    around(name, label, hint, wrong, input.into_any())
}

/// One of few, all in sight.
#[component]
pub(crate) fn Radios(
    /// Name of the field; the first one has it as id.
    name: &'static str,
    /// What is asked.
    #[prop(into)]
    legend: String,
    /// What there is.
    options: Vec<Option_>,
    /// Which is chosen.
    #[prop(into, optional)]
    value: String,
    /// What is wrong with the form.
    #[prop(optional)]
    problems: Vec<Problem>,
) -> impl IntoView {
    let choices = Choices {
        kind: "radio",
        name,
        legend,
        options,
    };
    choices.view(&[value], &problems)
}

/// Any of few, all in sight.
#[component]
pub(crate) fn Boxes(
    /// Name of the field; the first one has it as id.
    name: &'static str,
    /// What is asked.
    #[prop(into)]
    legend: String,
    /// What there is.
    options: Vec<Option_>,
    /// Which are ticked.
    values: Vec<String>,
    /// What is wrong with the form.
    #[prop(optional)]
    problems: Vec<Problem>,
) -> impl IntoView {
    let choices = Choices {
        kind: "checkbox",
        name,
        legend,
        options,
    };
    choices.view(&values, &problems)
}

/// Options under one name.
struct Choices {
    /// `type` of the inputs.
    kind: &'static str,
    name: &'static str,
    legend: String,
    options: Vec<Option_>,
}

impl Choices {
    fn view(self, chosen: &[String], problems: &[Problem]) -> AnyView {
        let Self {
            kind,
            name,
            legend,
            options,
        } = self;
        let wrong = wrong(problems, name);
        let class = if wrong.is_some() {
            "field field-wrong"
        } else {
            "field"
        };
        let error = wrong.map(|message| view! { <p class="field-error">"Error: " {message}</p> });
        let options: Vec<_> = options
            .into_iter()
            .enumerate()
            .map(|(index, option)| {
                let id = if index == 0 { name.to_owned() } else { format!("{name}-{index}") };
                let checked = chosen.contains(&option.value);
                let hint_id = format!("{id}-hint");
                let described = (!option.hint.is_empty()).then(|| hint_id.clone());
                let hint = (!option.hint.is_empty())
                    .then(|| view! { <span class="hint" id=hint_id>{option.hint}</span> });
                view! {
                    <li class="choice">
                        <input type=kind id=id.clone() name=name value=option.value checked=checked aria-describedby=described />
                        <label for=id>{option.label}</label>
                        {hint}
                    </li>
                }
            })
            .collect();
        view! {
            <fieldset class=class>
                <legend>{legend}</legend>
                {error}
                <ul class="choices">{options}</ul>
            </fieldset>
        }
        .into_any()
    }
}

/// One box to tick.
#[component]
pub(crate) fn CheckBox(
    /// Name and id.
    name: &'static str,
    /// What ticking it means.
    #[prop(into)]
    label: String,
    /// It is ticked.
    #[prop(optional)]
    checked: bool,
    /// It has to be ticked.
    #[prop(optional)]
    required: bool,
    /// What is wrong with the form.
    #[prop(optional)]
    problems: Vec<Problem>,
) -> impl IntoView {
    let wrong = wrong(&problems, name);
    let class = if wrong.is_some() {
        "field field-wrong"
    } else {
        "field"
    };
    let error = wrong.map(|message| view! { <p class="field-error">"Error: " {message}</p> });
    view! {
        <div class=class>
            {error}
            <div class="choice">
                <input type="checkbox" id=name name=name value="yes" checked=checked required=required />
                <label for=name>{label}</label>
            </div>
        </div>
    }
}
