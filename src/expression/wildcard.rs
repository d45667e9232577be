//! `-like`: PowerShell's wildcards `*`, `?` and `[a-z]`, with a back-tick before a literal one.

use super::{budget::Budget, error::Reason, operator::Case, value::fold};

/// One piece of a pattern.
enum Piece {
    /// `*`
    Any,
    /// `?`
    One,
    /// A character as it stands
    Exactly(char),
    /// `[…]`: ranges, a single character being one of itself
    Among(Vec<(char, char)>),
}

impl Piece {
    fn fits(&self, c: char) -> bool {
        match self {
            Self::Any | Self::One => true,
            Self::Exactly(wanted) => *wanted == c,
            Self::Among(ranges) => ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)),
        }
    }

    fn cost(&self) -> usize {
        match self {
            Self::Among(ranges) => ranges.len(),
            _ => 1,
        }
    }
}

/// Whether all of `text` fits the pattern.
pub(super) fn is_like(text: &str, pattern: &str, case: Case, budget: &Budget) -> Result<bool, Reason> {
    budget.charge(text.len() + pattern.len())?;
    let folded = |c: char| if case == Case::Ignored { fold(c) } else { c };
    let pieces = pieces(pattern, folded)?;
    let text: Vec<char> = text.chars().map(folded).collect();
    // Only the latest `*` is ever tried again: what an earlier one took cannot matter any more.
    let (mut at, mut piece, mut retry) = (0, 0, None);
    while at < text.len() {
        budget.charge(pieces.get(piece).map_or(1, Piece::cost))?;
        match pieces.get(piece) {
            Some(Piece::Any) => {
                retry = Some((at, piece));
                piece += 1;
            }
            Some(other) if other.fits(text[at]) => {
                at += 1;
                piece += 1;
            }
            _ => {
                let Some((from, any)) = retry else { return Ok(false) };
                retry = Some((from + 1, any));
                (at, piece) = (from + 1, any + 1);
            }
        }
    }
    Ok(pieces[piece..].iter().all(|left| matches!(left, Piece::Any)))
}

fn pieces(pattern: &str, folded: impl Fn(char) -> char) -> Result<Vec<Piece>, Reason> {
    let mut pieces = Vec::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        pieces.push(match c {
            '*' => Piece::Any,
            '?' => Piece::One,
            '`' => Piece::Exactly(folded(rest.next().unwrap_or('`'))),
            '[' => {
                let inside = rest.as_str();
                // A bracket that comes first is a member, as in `[]a]`.
                let first = inside.chars().next().map_or(0, char::len_utf8);
                let end = inside[first..].find(']').ok_or(Reason::Wildcard)? + first;
                rest = inside[end + 1..].chars();
                Piece::Among(ranges(&inside[..end], &folded))
            }
            other => Piece::Exactly(folded(other)),
        });
    }
    Ok(pieces)
}

fn ranges(inside: &str, folded: impl Fn(char) -> char) -> Vec<(char, char)> {
    let mut ranges = Vec::new();
    let mut rest = inside.chars();
    while let Some(low) = rest.next() {
        let mut ahead = rest.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(high)) => {
                ranges.push((folded(low), folded(high)));
                rest = ahead;
            }
            _ => ranges.push((folded(low), folded(low))),
        }
    }
    ranges
}
