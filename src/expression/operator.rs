//! The two families of operators and what binds tighter than what.

/// An operator between two operands. Each evaluates by the rules of the language it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `||`: the first truthy operand's value
    Or,
    /// `&&`: the first falsy operand's value
    And,
    /// `-or`
    PowerShellOr,
    /// `-and`
    PowerShellAnd,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`, `<=`, `>`, `>=`
    Order(Relation),
    /// `-eq` and its kin
    Compare(Comparison, Case),
}

/// An order two values can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    /// Whether this relation holds between operands that compare so.
    pub(super) fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// A PowerShell comparison, with its negation where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal(Sense),
    Order(Relation),
    Like(Sense),
    Match(Sense),
    In(Sense),
    Contains(Sense),
}

/// Whether a comparison is wanted to hold (`-like`) or not to (`-notlike`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    Holds,
    Fails,
}

impl Sense {
    pub(super) fn wants(self, outcome: bool) -> bool {
        outcome == (self == Self::Holds)
    }
}

/// Whether a comparison of texts looks at case (`-ceq`) or not (`-eq`, `-ieq`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Ignored,
    Minded,
}

/// How tightly an operator binds; later ones bind tighter.
///
/// The expressions' own order is GitHub's. PowerShell's `-and` and `-or` are one level, as there,
/// and its comparisons are one level, so that `$a -eq 1 && $b -eq 2` means what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Or,
    And,
    PowerShellLogic,
    Equality,
    Order,
    Comparison,
    Operand,
}

impl Level {
    /// The level of what may stand right of an operator of this level: all are left-associative.
    pub(super) fn tighter(self) -> Self {
        match self {
            Self::Or => Self::And,
            Self::And => Self::PowerShellLogic,
            Self::PowerShellLogic => Self::Equality,
            Self::Equality => Self::Order,
            Self::Order => Self::Comparison,
            Self::Comparison | Self::Operand => Self::Operand,
        }
    }
}

impl Operator {
    pub(super) fn level(self) -> Level {
        match self {
            Self::Or => Level::Or,
            Self::And => Level::And,
            Self::PowerShellOr | Self::PowerShellAnd => Level::PowerShellLogic,
            Self::Equal | Self::NotEqual => Level::Equality,
            Self::Order(_) => Level::Order,
            Self::Compare(..) => Level::Comparison,
        }
    }

    /// Whether it compares, so that a bare word on its right is a forgotten quote.
    pub(super) fn compares(self) -> bool {
        self.level() >= Level::Equality
    }

    /// Whether it asks if two values are equal, as the playbooks' `{{name}} == word` does.
    pub(super) fn equates(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual | Self::Compare(Comparison::Equal(_), _))
    }

    /// What the word after a dash means; `c` and `i` before a comparison choose its case.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        match word.as_str() {
            "and" => return Some(Self::PowerShellAnd),
            "or" => return Some(Self::PowerShellOr),
            _ => {}
        }
        // A comparison may itself begin with c or i: -contains, -in.
        let plain = comparison(&word).map(|found| (found, Case::Ignored));
        let minded = || Some((comparison(word.strip_prefix('c')?)?, Case::Minded));
        let ignored = || Some((comparison(word.strip_prefix('i')?)?, Case::Ignored));
        plain.or_else(minded).or_else(ignored).map(|(found, case)| Self::Compare(found, case))
    }
}

const COMPARISONS: [(&str, Comparison); 14] = [
    ("eq", Comparison::Equal(Sense::Holds)),
    ("ne", Comparison::Equal(Sense::Fails)),
    ("gt", Comparison::Order(Relation::Greater)),
    ("ge", Comparison::Order(Relation::GreaterOrEqual)),
    ("lt", Comparison::Order(Relation::Less)),
    ("le", Comparison::Order(Relation::LessOrEqual)),
    ("like", Comparison::Like(Sense::Holds)),
    ("notlike", Comparison::Like(Sense::Fails)),
    ("match", Comparison::Match(Sense::Holds)),
    ("notmatch", Comparison::Match(Sense::Fails)),
    ("in", Comparison::In(Sense::Holds)),
    ("notin", Comparison::In(Sense::Fails)),
    ("contains", Comparison::Contains(Sense::Holds)),
    ("notcontains", Comparison::Contains(Sense::Fails)),
];

fn comparison(word: &str) -> Option<Comparison> {
    COMPARISONS.into_iter().find(|(name, _)| *name == word).map(|(_, found)| found)
}

/// Every operator that is a word, as it is written.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    [
        "-eq",
        "-ne",
        "-gt",
        "-ge",
        "-lt",
        "-le",
        "-like",
        "-notlike",
        "-match",
        "-notmatch",
        "-in",
        "-notin",
        "-contains",
        "-notcontains",
        "-and",
        "-or",
        "-not",
    ]
    .into_iter()
}
