//! Matrix expansion: dimensions, `exclude`, `include`, ids and limits.
//!
//! The rules are GitHub Actions', as its public runner's `MatrixBuilder` has them; SEMANTICS
//! "Matrix" numbers them, and the comments here refer to those numbers.

mod error;

pub use error::MatrixError;

use crate::expression::loosely_equal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// How many jobs a matrix may have unless its caller raises the limit.
pub const DEFAULT_LIMIT: u64 = 256;

/// With excludes the survivors have to be counted one by one; a product past this is refused uncounted.
const MOST_TO_COUNT: u128 = 10_000_000;

/// One dimension: a name and the values it takes, both in the order written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// The name as written; names are compared without case.
    pub name: String,
    /// At least one value: scalars, objects or lists.
    pub values: Vec<Value>,
}

/// One combination: its id and its values, dimensions first, what `include` added after them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Combination {
    /// `name=value` joined by `,` in dimension order; unique in its matrix (rule 9).
    pub id: String,
    /// The values a job sees as `matrix.<name>`.
    pub values: Map<String, Value>,
}

/// What a matrix expands to.
#[derive(Debug, Clone, PartialEq)]
pub struct Expansion {
    /// The dimensions in the order written.
    pub dimensions: Vec<Dimension>,
    /// The combinations in order: the first dimension varies slowest, the included ones come last.
    pub combinations: Vec<Combination>,
    /// What looked like a mistake but has a meaning.
    pub warnings: Vec<String>,
}

/// Expands a matrix: an object of dimensions that may also hold `include` and `exclude`.
///
/// At most `limit` combinations are made; how many there would be is found without building them.
///
/// # Errors
/// [`MatrixError`], before anything of size is allocated.
pub fn expand(matrix: &Map<String, Value>, limit: u64) -> Result<Expansion, MatrixError> {
    let mut warnings = Vec::new();
    let dimensions = dimensions(matrix, &mut warnings)?;
    let exclude = entries(matrix, "exclude")?;
    let include = entries(matrix, "include")?;
    if dimensions.is_empty() && include.is_empty() {
        return Err(MatrixError::Empty);
    }
    check_excludes(&exclude, &dimensions)?;

    let base = surviving_vectors(&dimensions, &exclude, limit)?;
    let mut combinations: Vec<Combination> =
        base.iter().map(|vector| combination(&dimensions, vector)).collect();
    let surviving = combinations.len();
    for entry in &include {
        if !extend_matching(&mut combinations[..surviving], entry, &dimensions) {
            combinations.push(standalone(entry, &dimensions));
        }
    }
    let count = combinations.len() as u128;
    if count > u128::from(limit) {
        return Err(MatrixError::TooMany { count, more: "", limit });
    }
    if count == 0 {
        return Err(MatrixError::NoneLeft(product(&dimensions)));
    }
    make_ids_unique(&mut combinations);
    Ok(Expansion { dimensions, combinations, warnings })
}

fn is_reserved(name: &str) -> bool {
    name.eq_ignore_ascii_case("include") || name.eq_ignore_ascii_case("exclude")
}

fn dimensions(
    matrix: &Map<String, Value>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Dimension>, MatrixError> {
    let mut found: Vec<Dimension> = Vec::new();
    for (name, value) in matrix.iter().filter(|(name, _)| !is_reserved(name)) {
        if let Some(other) = found.iter().find(|other| same_name(&other.name, name)) {
            return Err(MatrixError::SameName(other.name.clone(), name.clone()));
        }
        let values = match value {
            Value::Null => return Err(MatrixError::NullDimension(name.clone())),
            Value::Array(values) if values.is_empty() => {
                return Err(MatrixError::EmptyDimension(name.clone()))
            }
            Value::Array(values) => values.clone(),
            single => {
                warnings.push(format!(
                    "Dimension '{name}' of the matrix is not a list and counts as one value; write {name} = @({}) to say so, or list more values.",
                    shown(single)
                ));
                vec![single.clone()]
            }
        };
        found.push(Dimension { name: name.clone(), values });
    }
    Ok(found)
}

/// A value as a user would write it at the prompt, shortened.
pub(crate) fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => format!("'{text}'"),
        other => other.to_string(),
    };
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn entries(matrix: &Map<String, Value>, part: &'static str) -> Result<Vec<Map<String, Value>>, MatrixError> {
    let Some((_, value)) = matrix.iter().find(|(name, _)| name.eq_ignore_ascii_case(part)) else {
        return Ok(Vec::new());
    };
    let not_entries = |found: &Value| MatrixError::NotEntries { part, found: shown(found) };
    let list = match value {
        Value::Array(list) => list.as_slice(),
        // PowerShell unrolls a list of one, so a lone entry means a list that holds it.
        Value::Object(_) => std::slice::from_ref(value),
        other => return Err(not_entries(other)),
    };
    list.iter()
        .enumerate()
        .map(|(position, entry)| match entry {
            Value::Object(entry) if entry.is_empty() => {
                Err(MatrixError::EmptyEntry { part, index: position + 1 })
            }
            Value::Object(entry) => Ok(entry.clone()),
            other => Err(not_entries(other)),
        })
        .collect()
}

fn check_excludes(exclude: &[Map<String, Value>], dimensions: &[Dimension]) -> Result<(), MatrixError> {
    for (position, entry) in exclude.iter().enumerate() {
        if let Some(name) = entry.keys().find(|name| dimension_index(dimensions, name).is_none()) {
            let known = dimensions.iter().map(|dimension| dimension.name.clone()).collect();
            return Err(MatrixError::UnknownExclude { index: position + 1, name: name.clone(), known });
        }
    }
    Ok(())
}

fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}

fn dimension_index(dimensions: &[Dimension], name: &str) -> Option<usize> {
    dimensions.iter().position(|dimension| same_name(&dimension.name, name))
}

fn product(dimensions: &[Dimension]) -> u128 {
    dimensions.iter().fold(1, |total: u128, dimension| total.saturating_mul(dimension.values.len() as u128))
}

/// A combination before it has values: for each dimension the index of its value.
type Vector = Box<[u32]>;

/// The base combinations that no exclude entry matches (rules 1 and 2), row-major.
fn surviving_vectors(
    dimensions: &[Dimension],
    exclude: &[Map<String, Value>],
    limit: u64,
) -> Result<Vec<Vector>, MatrixError> {
    if dimensions.is_empty() {
        return Ok(Vec::new());
    }
    let total = product(dimensions);
    if exclude.is_empty() && total > u128::from(limit) {
        return Err(MatrixError::TooMany { count: total, more: "", limit });
    }
    if total > MOST_TO_COUNT.max(u128::from(limit)) {
        return Err(MatrixError::TooMany { count: total, more: " before its excludes", limit });
    }
    let filters: Vec<Filter> = exclude.iter().map(|entry| Filter::new(entry, dimensions)).collect();
    let mut vectors: Vec<Vector> = Vec::new();
    let mut survivors: u128 = 0;
    let mut current = vec![0_u32; dimensions.len()];
    loop {
        if !filters.iter().any(|filter| filter.matches(&current)) {
            survivors += 1;
            if survivors <= u128::from(limit) {
                vectors.push(current.clone().into_boxed_slice());
            } else {
                // Only the count is still wanted, for the message.
                vectors = Vec::new();
            }
        }
        if !advance(&mut current, dimensions) {
            break;
        }
    }
    if survivors > u128::from(limit) {
        return Err(MatrixError::TooMany { count: survivors, more: "", limit });
    }
    Ok(vectors)
}

/// The next vector in row-major order, false after the last.
fn advance(vector: &mut [u32], dimensions: &[Dimension]) -> bool {
    for (index, dimension) in vector.iter_mut().zip(dimensions).rev() {
        *index += 1;
        if (*index as usize) < dimension.values.len() {
            return true;
        }
        *index = 0;
    }
    false
}

/// An entry's filter names, decided once for every value of every dimension it names.
struct Filter {
    named: Vec<(usize, Vec<bool>)>,
}

impl Filter {
    fn new(entry: &Map<String, Value>, dimensions: &[Dimension]) -> Self {
        let named = entry
            .iter()
            .filter_map(|(name, wanted)| {
                let position = dimension_index(dimensions, name)?;
                let matching =
                    dimensions[position].values.iter().map(|value| leaves_equal(wanted, value)).collect();
                Some((position, matching))
            })
            .collect();
        Self { named }
    }

    fn matches(&self, vector: &[u32]) -> bool {
        self.named.iter().all(|(position, matching)| matching[vector[*position] as usize])
    }
}

/// Whether every leaf that `wanted` names equals the leaf of `value` at the same path.
fn leaves_equal(wanted: &Value, value: &Value) -> bool {
    match (wanted, value) {
        (Value::Object(wanted), Value::Object(value)) => wanted.iter().all(|(name, leaf)| {
            value.iter().any(|(other, candidate)| same_name(name, other) && leaves_equal(leaf, candidate))
        }),
        (Value::Array(wanted), Value::Array(value)) => {
            wanted.len() <= value.len()
                && wanted.iter().zip(value).all(|(leaf, candidate)| leaves_equal(leaf, candidate))
        }
        _ => loosely_equal(wanted, value),
    }
}

fn combination(dimensions: &[Dimension], vector: &[u32]) -> Combination {
    let mut id = String::new();
    let mut values = Map::with_capacity(dimensions.len());
    for (dimension, index) in dimensions.iter().zip(vector) {
        let value = &dimension.values[*index as usize];
        push_id(&mut id, &dimension.name, value);
        values.insert(dimension.name.clone(), value.clone());
    }
    Combination { id, values }
}

fn push_id(id: &mut String, name: &str, value: &Value) {
    if !id.is_empty() {
        id.push(',');
    }
    id.push_str(name);
    id.push('=');
    match value {
        Value::String(text) => id.push_str(text),
        other => id.push_str(&other.to_string()),
    }
}

/// Adds the entry's extra names to every combination its filter names match (rule 3).
fn extend_matching(
    combinations: &mut [Combination],
    entry: &Map<String, Value>,
    dimensions: &[Dimension],
) -> bool {
    let (filters, extras): (Vec<_>, Vec<_>) =
        entry.iter().partition(|(name, _)| dimension_index(dimensions, name).is_some());
    let mut matched = false;
    for combination in combinations {
        let fits = filters.iter().all(|(name, wanted)| {
            // A combination keeps its dimensions first and in order, so the index is the position.
            dimension_index(dimensions, name)
                .and_then(|position| combination.values.values().nth(position))
                .is_some_and(|value| leaves_equal(wanted, value))
        });
        if fits {
            matched = true;
            for (name, value) in &extras {
                set_extra(&mut combination.values, name, value);
            }
        }
    }
    matched
}

/// A later entry overwrites an earlier extra, also one written in another case.
fn set_extra(values: &mut Map<String, Value>, name: &str, value: &Value) {
    let existing = values.keys().find(|key| same_name(key, name)).cloned();
    values.insert(existing.unwrap_or_else(|| name.to_owned()), value.clone());
}

/// An entry that matched nothing is a combination of its own (rule 4), its dimensions first.
fn standalone(entry: &Map<String, Value>, dimensions: &[Dimension]) -> Combination {
    let mut id = String::new();
    let mut values = Map::new();
    let named = dimensions.iter().filter_map(|dimension| {
        entry
            .iter()
            .find(|(name, _)| same_name(name, &dimension.name))
            .map(|(_, value)| (&dimension.name, value))
    });
    let extras = entry.iter().filter(|(name, _)| dimension_index(dimensions, name).is_none());
    for (name, value) in named.chain(extras) {
        push_id(&mut id, name, value);
        set_extra(&mut values, name, value);
    }
    Combination { id, values }
}

/// Repeated values or entries would repeat ids; the second one becomes `id (2)` (rule 9).
fn make_ids_unique(combinations: &mut [Combination]) {
    let mut seen: HashSet<String> = HashSet::with_capacity(combinations.len());
    for combination in combinations {
        if !seen.insert(combination.id.clone()) {
            let unique =
                (2_u64..).map(|n| format!("{} ({n})", combination.id)).find(|id| seen.insert(id.clone()));
            if let Some(unique) = unique {
                combination.id = unique;
            }
        }
    }
}
