//! Texts with `{{name}}`, `{{name:=default}}` and `${{ expression }}` in them.

use super::{
    ast::Node,
    budget::bounded,
    context::{known_root, Context},
    error::{ExpressionError, Fault, Reason},
    evaluate::Evaluator,
    json,
    parser::parse,
    placeholder::{placeholder_at, Placeholder},
};
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::BTreeSet};

/// Whether [`interpolate`] would find something to replace, or an unclosed `${{` to refuse.
pub fn has_template(text: &str) -> bool {
    next_mark(text, 0, last_closing(text)).is_some()
}

/// Replaces the templates of a text.
///
/// A template that is the whole text keeps its value's type. In a longer text values become text:
/// null is empty, lists and objects are compact JSON. What is put in is never looked at again. An
/// unknown `{{name}}` is null; braces around anything but a name, and an unclosed `{{`, stay.
///
/// # Errors
/// [`ExpressionError`] for an expression that cannot be read or evaluated, an unclosed `${{`, and a
/// result of more than 1 MiB.
pub fn interpolate(text: &str, context: &dyn Context) -> Result<Value, ExpressionError> {
    replaced(text, context).map_err(|fault| ExpressionError::new(text, fault))
}

/// Replaces the templates of a text that a shell will read.
///
/// What is put in must be plain: letters, digits and `_ . / : @ + , -`, and no `-` in front, so that
/// no value becomes code, a second word or an option.
///
/// # Errors
/// As [`interpolate`], and for a value that is not plain.
pub fn interpolate_plain(text: &str, context: &dyn Context) -> Result<String, ExpressionError> {
    plainly_replaced(text, context).map_err(|fault| ExpressionError::new(text, fault))
}

/// Replaces the templates of every text inside a value; names of entries stay as they are.
///
/// # Errors
/// As [`interpolate`]; the error's place is the path of the text, such as `env.NAME` or `list[0]`.
pub fn interpolate_value(value: &Value, context: &dyn Context) -> Result<Value, ExpressionError> {
    inside(value, context, &mut String::new())
}

/// The known roots that the templates of a text may read, to know when it can be interpolated.
///
/// # Errors
/// As [`interpolate`], as far as that can be told without a context.
pub fn template_roots(text: &str) -> Result<BTreeSet<&'static str>, ExpressionError> {
    let pieces = pieces(text).map_err(|fault| ExpressionError::new(text, fault))?;
    let mut roots = BTreeSet::new();
    for piece in pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Placeholder(placeholder) => {
                roots.extend(placeholder.path.first().and_then(|name| known_root(name)));
            }
            Piece::Expression(node, _) => roots.extend(node.roots()),
        }
    }
    Ok(roots)
}

fn inside(value: &Value, context: &dyn Context, path: &mut String) -> Result<Value, ExpressionError> {
    let length = path.len();
    Ok(match value {
        Value::String(text) => interpolate(text, context).map_err(|error| error.inside(path.clone()))?,
        Value::Array(items) => {
            let mut list = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                path.push_str(&format!("[{index}]"));
                list.push(inside(item, context, path)?);
                path.truncate(length);
            }
            Value::Array(list)
        }
        Value::Object(entries) => {
            let mut object = Map::with_capacity(entries.len());
            for (name, item) in entries {
                path.push_str(if length == 0 { "" } else { "." });
                path.push_str(name);
                object.insert(name.clone(), inside(item, context, path)?);
                path.truncate(length);
            }
            Value::Object(object)
        }
        other => other.clone(),
    })
}

/// A part of a text.
enum Piece<'t> {
    Text(&'t str),
    Placeholder(Placeholder),
    /// With the byte its `${{` stands at
    Expression(Node, usize),
}

fn replaced(text: &str, context: &dyn Context) -> Result<Value, Fault> {
    let pieces = pieces(text)?;
    let evaluator = Evaluator::new(context);
    let value = |piece| match piece {
        &Piece::Text(text) => Ok(Cow::Owned(text.into())),
        Piece::Placeholder(placeholder) => Ok(evaluator.placeholder(placeholder)),
        Piece::Expression(node, _) => evaluator.evaluate(node).map(|found| found.value),
    };
    if let [single] = pieces.as_slice() {
        return value(single).map(Cow::into_owned);
    }
    let mut made = String::new();
    for piece in &pieces {
        let at = if let Piece::Expression(_, at) = piece { *at } else { 0 };
        made.push_str(&json::inline(&*value(piece)?).map_err(|reason| reason.at(at))?);
        made = bounded(made).map_err(|reason| reason.at(at))?;
    }
    Ok(made.into())
}

fn plainly_replaced(text: &str, context: &dyn Context) -> Result<String, Fault> {
    let evaluator = Evaluator::new(context);
    let mut made = String::new();
    let mut at = 0;
    for piece in pieces(text)? {
        let value = match &piece {
            Piece::Text(text) => {
                made.push_str(text);
                continue;
            }
            Piece::Placeholder(placeholder) => evaluator.placeholder(placeholder),
            Piece::Expression(node, start) => {
                at = *start;
                evaluator.evaluate(node)?.value
            }
        };
        let value = json::inline(&value).map_err(|reason| reason.at(at))?;
        let plain =
            |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | ':' | '@' | '+' | ',' | '-');
        if value.starts_with('-') || !value.chars().all(plain) {
            return Err(Reason::NotPlain.at(at));
        }
        made.push_str(&value);
        made = bounded(made).map_err(|reason| reason.at(at))?;
    }
    Ok(made)
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Fault> {
    let mut pieces = Vec::new();
    let mut done = 0;
    let closing = last_closing(text);
    while let Some(mark) = next_mark(text, done, closing) {
        let (start, piece, end) = match mark {
            Mark::Placeholder(start, placeholder, end) => (start, Piece::Placeholder(placeholder), end),
            Mark::Expression(start) => {
                let inside = start + OPENING.len();
                let end = end_of_expression(text, inside).ok_or(Reason::Unclosed(OPENING).at(start))?;
                let node = parse(text, inside..end)?;
                (start, Piece::Expression(node, start), end + CLOSING.len())
            }
        };
        if start > done {
            pieces.push(Piece::Text(&text[done..start]));
        }
        pieces.push(piece);
        done = end;
    }
    if done < text.len() {
        pieces.push(Piece::Text(&text[done..]));
    }
    Ok(pieces)
}

const OPENING: &str = "${{";
const BRACES: &str = "{{";
const CLOSING: &str = "}}";

/// Where the next template stands.
enum Mark {
    /// From, what, to
    Placeholder(usize, Placeholder, usize),
    /// From; where it ends is for the expression to say
    Expression(usize),
}

/// The place of the last `}}`. No placeholder is looked for past it, so that a text full of
/// openings is still read once.
fn last_closing(text: &str) -> usize {
    text.rfind(CLOSING).unwrap_or(0)
}

fn next_mark(text: &str, from: usize, last_closing: usize) -> Option<Mark> {
    let mut at = from;
    while let Some(found) = text[at..].find(BRACES) {
        let braces = at + found;
        if text[from..braces].ends_with('$') {
            return Some(Mark::Expression(braces - 1));
        }
        if let Some((placeholder, end)) =
            (braces < last_closing).then(|| placeholder_at(text, braces)).flatten()
        {
            return Some(Mark::Placeholder(braces, placeholder, end));
        }
        at = braces + 1;
    }
    None
}

/// The place of the `}}` that closes an expression: not in quotes, and not a placeholder's own.
fn end_of_expression(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += text[at..].find(['\'', '"', '{', '}'])?;
        let rest = &text[at..];
        at += match rest.chars().next()? {
            quote @ ('\'' | '"') => rest[1..].find(quote)? + 2,
            '}' if rest.starts_with(CLOSING) => return Some(at),
            '{' => placeholder_at(text, at).map_or(1, |(_, end)| end - at),
            _ => 1,
        };
    }
}
