//! The expression language's values: what is equal to what.
//!
//! The language itself (conditions, `${{ }}`) is not here yet; its equality is, because a matrix's
//! filters are defined by it.

mod value;

pub use value::loosely_equal;
