//! Mentions outside imports.
