//! The Markdown of scripts in the page. A script's text may neither bring HTML of its own nor make
//! the browser fetch anything.

use super::super::document::Document;
use pulldown_cmark::{html, CowStr, Event, LinkType, Options, Parser, Tag};
use quick_xml::escape::escape;
use std::fmt::Write;

/// All texts, each under its job's number.
pub fn render(document: &Document) -> String {
    let mut out = String::new();
    for text in &document.texts {
        let _ = writeln!(out, "<h3>{}</h3>", escape(&text.number));
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        html::push_html(&mut out, Parser::new_ext(&text.text, options).filter_map(tamed));
    }
    out
}

fn tamed(event: Event) -> Option<Event> {
    match event {
        Event::Html(text) => Some(Event::Text(text)),
        Event::Start(Tag::Image(_, to, title)) => Some(Event::Start(link(to, title))),
        Event::End(Tag::Image(_, to, title)) => Some(Event::End(link(to, title))),
        Event::Start(Tag::Link(_, to, title)) => Some(Event::Start(link(to, title))),
        Event::End(Tag::Link(_, to, title)) => Some(Event::End(link(to, title))),
        other => Some(other),
    }
}

/// A link that a reader may follow: to a page or a place in this one, never to code.
fn link<'a>(to: CowStr<'a>, title: CowStr<'a>) -> Tag<'a> {
    let lower = to.trim().to_lowercase();
    let is_page = ["http://", "https://", "#"].iter().any(|start| lower.starts_with(start));
    Tag::Link(LinkType::Inline, if is_page { to } else { "#".into() }, title)
}
