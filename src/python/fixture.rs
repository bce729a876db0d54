//! How the tests of this folder write Python: indented as the test around it.

/// Removes the common indentation and the empty lines of a test case.
pub(super) fn dedent(text: &str) -> String {
    let lines = || text.lines().filter(|it| !it.trim().is_empty());
    let margin = lines().map(|it| it.len() - it.trim_start().len()).min().unwrap_or(0);
    lines().map(|it| format!("{}\n", &it[margin..])).collect()
}
