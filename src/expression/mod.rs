//! The condition and `${{ }}` language: one grammar, two spellings, one evaluator.
//!
//! - expressions as GitHub Actions has them: `matrix.os == 'linux' && !cancelled()`
//! - PowerShell comparisons: `$Environment -eq 'Production' -and $IsLinux`, and the bare names of
//!   AitherZero's headers: `Features -contains 'OpenTofu'`
//! - the playbooks' own form: `{{skipTests}} == false`, where a bare word on the right is a text
//!
//! Each operator follows the rules of the language it comes from, so both may stand in one text.
//! Texts are data: they are cut into tokens (`lexer`), read into a tree (`parser`, `operand`) and
//! given a value (`evaluate`); nothing is ever executed, and a variable's value is never read as
//! code. What a text may cost is bounded (`budget`). The disk is seen through [`Context`] only.

mod ast;
mod budget;
mod condition;
mod context;
mod error;
mod evaluate;
mod functions;
mod json;
mod lexer;
mod operand;
mod operator;
mod parser;
mod pattern;
mod placeholder;
mod powershell;
mod selection;
mod template;
mod token;
mod value;
mod wildcard;

pub use condition::{evaluate_text, Condition};
pub use context::{Context, Platform, Status, ROOTS};
pub use error::ExpressionError;
pub use template::{has_template, interpolate, interpolate_plain, interpolate_value, template_roots};
pub use value::loosely_equal;
