//! `{{name}}` and `{{name:=default}}`: AitherZero's own templates.

/// What stands between `{{` and `}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placeholder {
    /// A variable, or the name of a root and the properties after it: `matrix.os`
    pub(super) path: Vec<String>,
    /// What stands for it when nothing has that name; kept as it is written
    pub(super) default: Option<String>,
}

/// The placeholder that begins at `start`, and where it ends.
///
/// Braces around anything but a name are none (`{{.Names}}`, `{{"a": 1}}`); only as much text is
/// looked at as it takes to see that, so a text of nothing but braces is read in one pass.
pub(super) fn placeholder_at(text: &str, start: usize) -> Option<(Placeholder, usize)> {
    let inside = text.get(start..)?.strip_prefix("{{")?;
    let name = inside.trim_start();
    let length = name.find(|c: char| !is_name_part(c) && c != '.').unwrap_or(name.len());
    let (name, rest) = name.split_at(length);
    let path = path(name)?;
    let after = rest.trim_start();
    let (default, rest) = match after.strip_prefix(":=") {
        Some(default) => {
            let end = default.find("}}")?;
            (Some(default[..end].to_owned()), &default[end..])
        }
        None => (None, after),
    };
    let rest = rest.strip_prefix("}}")?;
    Some((Placeholder { path, default }, text.len() - rest.len()))
}

fn path(name: &str) -> Option<Vec<String>> {
    let starts_as_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let parts: Vec<String> = name.split('.').map(str::to_owned).collect();
    (starts_as_name && parts.iter().all(|part| !part.is_empty())).then_some(parts)
}

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}
