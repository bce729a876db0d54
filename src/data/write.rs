//! Writes values, each format in its own way.

use super::block::Indents;
use super::{Format, Value, yaml};

/// Writes a value between brackets, or a scalar. `quote` is the one that a text had before.
pub(super) fn flow(format: Format, value: &Value, quote: Option<char>) -> String {
    match value {
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|it| flow(format, it, quote)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(rows) => {
            let rows: Vec<String> =
                rows.iter().map(|(key, it)| flow_row(format, key, it, ": ")).collect();
            match (rows.is_empty(), format) {
                (true, _) => "{}".to_owned(),
                (false, Format::Toml) => format!("{{ {} }}", rows.join(", ")),
                (false, Format::Yaml | Format::Json) => format!("{{{}}}", rows.join(", ")),
            }
        }
        Value::Null => "null".to_owned(),
        Value::Bool(yes) => yes.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Date(text) | Value::Other(text) => text.clone(),
        Value::Text(text) => match format {
            Format::Json => quoted(text),
            Format::Toml
                if quote == Some('\'')
                    && !text.contains(|it: char| it == '\'' || it.is_control()) =>
            {
                format!("'{text}'")
            }
            Format::Toml => quoted(text),
            Format::Yaml => yaml_text(text, quote, true),
        },
    }
}

/// Writes a key with its value, as it stands between brackets.
pub(super) fn flow_row(format: Format, key: &str, value: &Value, colon: &str) -> String {
    match format {
        Format::Toml => format!("{} = {}", toml_key(key), flow(format, value, None)),
        Format::Yaml => format!("{}: {}", yaml_text(key, None, true), flow(format, value, None)),
        Format::Json => format!("{}{colon}{}", quoted(key), flow(format, value, None)),
    }
}

/// Writes a value of JSON over lines, below a line that is indented by `outer`.
pub(super) fn json_lines(value: &Value, outer: &str, unit: &str) -> String {
    let Some(rows) = rows_of(value) else { return flow(Format::Json, value, None) };
    let inner = format!("{outer}{unit}");
    let row = |(key, it): &(String, Value)| {
        format!("{inner}{}: {}", quoted(key), json_lines(it, &inner, unit))
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    format!("{{\n{}\n{outer}}}", rows.join(",\n"))
}

/// Returns the rows of a map that has some.
fn rows_of(value: &Value) -> Option<&[(String, Value)]> {
    let Value::Map(rows) = value else { return None };
    (!rows.is_empty()).then_some(rows)
}

/// Writes a key of TOML.
pub(super) fn toml_key(key: &str) -> String {
    let is_bare = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
    if !key.is_empty() && key.chars().all(is_bare) { key.to_owned() } else { quoted(key) }
}

/// Writes a text between double quotes, as JSON has it, which TOML and YAML read as well.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// Writes a text of YAML on one line: plain, where that means the same for every reader.
pub(super) fn yaml_text(text: &str, quote: Option<char>, in_flow: bool) -> String {
    let has_control = text.contains(char::is_control);
    match quote {
        Some('\'') if !has_control => format!("'{}'", text.replace('\'', "''")),
        Some('"') => quoted(text),
        _ if is_plain(text, in_flow) => text.to_owned(),
        _ => quoted(text),
    }
}

fn is_plain(text: &str, in_flow: bool) -> bool {
    let is_text =
        yaml::plain(text) == Value::Text(text.to_owned()) && !matches!(text, "y" | "Y" | "n" | "N");
    let begins = text
        .starts_with(|it: char| it.is_alphanumeric() || matches!(it, '/' | '.' | '_' | '$' | '('))
        || (text.starts_with("--") && text[2..].starts_with(|it: char| it.is_alphanumeric()));
    is_text
        && begins
        && text.trim() == text
        && !text.ends_with(':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("...")
        && !text.contains(is_strange)
        && !(in_flow && text.contains([',', '[', ']', '{', '}', ':']))
}

/// Writes a key with its value, for a place at `column`.
pub(super) fn yaml_row(key: &str, value: &Value, column: usize, indents: Indents) -> String {
    format!("{}:{}", yaml_text(key, None, false), yaml_value(value, column, indents, None))
}

/// Writes an item of a list, for a place at `column`.
pub(super) fn yaml_item(
    value: &Value,
    column: usize,
    indents: Indents,
    quote: Option<char>,
) -> String {
    if let Some(rows) = rows_of(value) {
        let inner = column + 2;
        let rows: Vec<String> =
            rows.iter().map(|(key, it)| yaml_row(key, it, inner, indents)).collect();
        return format!("- {}", rows.join(&format!("\n{}", " ".repeat(inner))));
    }
    if let Value::List(_) = value {
        return format!("- {}", flow(Format::Yaml, value, None));
    }
    format!("-{}", yaml_value(value, column, indents, quote))
}

/// Writes what follows the colon of a key that stands at `column`.
pub(super) fn yaml_value(
    value: &Value,
    column: usize,
    indents: Indents,
    quote: Option<char>,
) -> String {
    let line = |column: usize, text: String| format!("\n{}{text}", " ".repeat(column));
    match value {
        Value::Map(rows) if !rows.is_empty() => {
            let inner = column + indents.table();
            rows.iter().map(|(key, it)| line(inner, yaml_row(key, it, inner, indents))).collect()
        }
        Value::List(items) if !items.is_empty() => {
            let inner = column + indents.list();
            items.iter().map(|it| line(inner, yaml_item(it, inner, indents, None))).collect()
        }
        Value::Text(text) if text.contains('\n') && is_literal(text) => {
            let mark = if text.ends_with('\n') { "|" } else { "|-" };
            let inner = " ".repeat(column + indents.table());
            let lines = text.lines().map(|it| match it {
                "" => "\n".to_owned(),
                it => format!("\n{inner}{it}"),
            });
            format!(" {mark}{}", lines.collect::<String>())
        }
        Value::Text(text) => format!(" {}", yaml_text(text, quote, false)),
        Value::Null
        | Value::Bool(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Date(_)
        | Value::Other(_)
        | Value::List(_)
        | Value::Map(_) => format!(" {}", flow(Format::Yaml, value, quote)),
    }
}

/// Tells whether a text can stand over lines as it is.
fn is_literal(text: &str) -> bool {
    let strange = |it: char| it != '\n' && is_strange(it);
    !text.starts_with([' ', '\n']) && !text.ends_with("\n\n") && !text.contains(strange)
}

/// Tells whether a character cannot stand in a plain text: a control, or what ends a line for some.
fn is_strange(it: char) -> bool {
    it.is_control() || matches!(it, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}
