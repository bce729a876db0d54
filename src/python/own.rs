//! Paths that a file computes from its own place: `Path(__file__).parent / "data"`.
//!
//! An [`OwnPath`] is the largest expression that stands for one place, as the steps that lead there
//! from `__file__`, each with the span in which it is written. Read of files that move.

use super::parse::{DEEPEST, Tree};
use super::read;
use crate::text::Span;

/// An expression that leads from `__file__` to one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPath {
    /// The expression.
    pub span: Span,
    /// Where it begins.
    pub base: OwnBase,
    /// The steps, in the order in which they are taken.
    pub steps: Vec<OwnStep>,
    /// It is an object of `pathlib`, not a string.
    pub object: bool,
    /// The name that it is bound to, and that stands for it below.
    pub name: Option<String>,
    /// The expression for the same place that the name is bound to before.
    pub before: Option<Span>,
    /// The name is also used where it does not surely stand for this.
    pub loose: bool,
    /// It goes into `sys.path`.
    pub inserted: bool,
}

/// Where a path begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnBase {
    /// `__file__`.
    File,
    /// A name that is bound to another of these paths.
    Name {
        /// The expression that it is bound to.
        bound: Span,
        /// The name.
        name: Span,
    },
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnStep {
    /// `.parent`, with its dot.
    Parent(Span),
    /// `.parents[2]`: the number, and how far it goes up.
    Parents(Span, usize),
    /// `os.path.dirname(…)`.
    Dirname {
        /// The call.
        call: Span,
        /// The function.
        function: Span,
        /// What it is called with.
        argument: Span,
    },
    /// A literal that is joined to what comes before it.
    Text(OwnText),
    /// One step up that is written in a way of its own.
    Up,
    /// A part that is written in a way of its own.
    Part(String),
}

/// A literal part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnText {
    /// The text between the quotes, without a slash that only joins it; it stands there byte for byte.
    pub span: Span,
    /// The text.
    pub text: String,
    /// The literal with what joins it: this goes where nothing of the text is left.
    pub whole: Span,
    /// Stands between `".."` and `".."` where one more is wanted; nothing where that does not go.
    pub joint: Option<&'static str>,
}

/// Finds the paths that `source` computes from its own place, in order.
#[must_use]
pub fn own_paths(source: &str, target: (u8, u8)) -> Vec<OwnPath> {
    let Some(tree) = Tree::parse(source, target) else { return Vec::new() };
    let (paths, depth) = read::own_paths(&tree, source, target);
    tree.drop_deep(depth);
    if depth <= DEEPEST { paths } else { Vec::new() }
}
