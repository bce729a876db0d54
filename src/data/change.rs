//! One change of a file: found, written in the way of what stands around it, and read again.

use super::key::{self, Key, Part};
use super::{Broken, Document, Form, Format, Is, Node, Value, block, flow, toml, write};
use crate::text::{Plain, TextEdit, apply};

/// What is to become of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The key has this value.
    Set(Key, Value),
    /// The key is not there.
    Remove(Key),
    /// The list of the key has this item.
    Append(Key, Value),
    /// The list of the key does not have this item.
    Drop(Key, Value),
}

/// Why a change cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file is none of its format.
    #[error("{}", .0.message)]
    Broken(Broken),
    /// Something else stands where a list, a table or a scalar has to.
    #[error("{key} is {found}, in line {line}, and has to be {wanted}")]
    Type {
        /// What leads there, in backticks, or the file itself.
        key: String,
        /// What is there.
        found: &'static str,
        /// What has to be there.
        wanted: &'static str,
        /// Where it is.
        line: u32,
    },
    /// No item of a list is meant.
    #[error("`{key}` has no item `{item}`, in line {line}")]
    NoItem {
        /// The list.
        key: String,
        /// What was looked for.
        item: String,
        /// Where the list is.
        line: u32,
    },
    /// The key may mean either of two things.
    #[error("`{key}` is there more than once, in line {line} and in line {other}")]
    Twice {
        /// What leads there.
        key: String,
        /// Where it is.
        line: u32,
        /// Where it is as well.
        other: u32,
    },
    /// An alias gives the value a second place.
    #[error("`{key}` is used elsewhere in the file as `*{anchor}`, in line {line} it is defined")]
    Shared {
        /// What leads there.
        key: String,
        /// The name of the alias.
        anchor: String,
        /// Where it is.
        line: u32,
    },
    /// The file would not say what it should.
    #[error("`{key}`, in line {line}, is written in a way that cannot be edited in its place")]
    Unsure {
        /// What leads there.
        key: String,
        /// Where it is.
        line: u32,
    },
}

/// Returns the edits that make a change; none where nothing is left to do. What is taken out of a list
/// several times goes one by one.
///
/// # Errors
/// When the file does not parse, or the change does not fit to what is there.
pub fn change(format: Format, source: &str, change: &Change) -> Result<Vec<TextEdit>, Problem> {
    let doc = Document::read(format, source).map_err(Problem::Broken)?;
    let fitting = |value: &Value| match format {
        Format::Toml => value.clone(),
        Format::Yaml | Format::Json => value.clone().without_dates(),
    };
    let planned = match change {
        Change::Set(key, value) => set(&doc, key, &fitting(value))?,
        Change::Remove(key) => remove(&doc, key)?,
        Change::Append(key, value) => append(&doc, key, &fitting(value))?,
        Change::Drop(key, value) => drop_item(&doc, key, &fitting(value))?,
    };
    let Some(Planned { edits, expected, key, line }) = planned else { return Ok(Vec::new()) };
    let result = apply(source, &edits).ok();
    let read = result.as_deref().and_then(|it| Document::read(format, it).ok());
    match read.is_some_and(|it| expected.contains(&it.root.value())) {
        true => Ok(edits),
        false => Err(Problem::Unsure { key: key.to_string(), line }),
    }
}

/// Makes changes one after the other, each on what the ones before left, in a text with any line ends.
///
/// # Errors
/// As for [`change`].
pub fn changed(format: Format, source: &str, changes: &[Change]) -> Result<String, Problem> {
    let mut source = source.to_owned();
    for one in changes {
        loop {
            let plain = Plain::new(&source);
            let edits = change(format, &plain.text, one)?;
            if edits.is_empty() {
                break;
            }
            let edits: Vec<_> = edits.into_iter().map(|it| plain.edit(it.span, &it.text)).collect();
            source = apply(&source, &edits).unwrap_or(source);
            // What a list has several times goes one by one.
            if !matches!(one, Change::Drop(..)) {
                break;
            }
        }
    }
    Ok(source)
}

/// Edits, and what the file may say then.
struct Planned<'a> {
    edits: Vec<TextEdit>,
    expected: Vec<Value>,
    key: &'a Key,
    line: u32,
}

/// How far a key leads.
struct Walk<'d, 'k> {
    /// The nodes on the way, the whole file first.
    nodes: Vec<&'d Node>,
    /// The way, with items counted.
    path: Vec<Part>,
    /// What is not there.
    rest: &'k [Part],
}

impl<'d> Walk<'d, '_> {
    fn last(&self) -> &'d Node {
        self.nodes[self.nodes.len() - 1]
    }

    fn parent(&self) -> Option<(&'d Node, &Part)> {
        let above = self.nodes.len().checked_sub(2)?;
        Some((self.nodes[above], self.path.last()?))
    }
}

fn walk<'d, 'k>(doc: &'d Document<'_>, key: &'k Key) -> Result<Walk<'d, 'k>, Problem> {
    let mut walk = Walk { nodes: vec![&doc.root], path: Vec::new(), rest: &key.0 };
    while let [part, rest @ ..] = walk.rest {
        let node = walk.last();
        let shown = || Key(walk.path.iter().chain([part]).cloned().collect()).to_string();
        let found = match (&node.is, part) {
            (Is::Map(entries), Part::Key(name)) => {
                let mut found = entries.iter().filter(|it| it.key == *name);
                let first = found.next();
                if let (Some(first), Some(other)) = (first, found.next()) {
                    let (line, other) = (doc.line(first.at.start), doc.line(other.at.start));
                    return Err(Problem::Twice { key: shown(), line, other });
                }
                first.map(|it| (&it.value, part.clone()))
            }
            (Is::List(items), Part::Item(at)) => items.get(*at).map(|it| (it, part.clone())),
            (Is::List(items), Part::Having(name, value)) => {
                let mut found =
                    items.iter().enumerate().filter(|(_, it)| key::has(it, name, value));
                let first = found.next();
                if let (Some((_, first)), Some((_, other))) = (first, found.next()) {
                    let (line, other) = (doc.line(first.span.start), doc.line(other.span.start));
                    return Err(Problem::Twice { key: shown(), line, other });
                }
                first.map(|(at, it)| (it, Part::Item(at)))
            }
            (Is::Scalar(Value::Null), _) => None,
            (_, part) => {
                let wanted = if matches!(part, Part::Key(_)) { "a table" } else { "a list" };
                return Err(wrong_type(doc, &walk.path, node, wanted));
            }
        };
        let Some((next, part)) = found else { break };
        walk.nodes.push(next);
        walk.path.push(part);
        walk.rest = rest;
    }
    Ok(walk)
}

fn wrong_type(doc: &Document<'_>, path: &[Part], node: &Node, wanted: &'static str) -> Problem {
    let key = match path {
        [] => "the whole file".to_owned(),
        path => format!("`{}`", Key(path.to_vec())),
    };
    Problem::Type { key, found: node.noun(), wanted, line: doc.line(node.span.start) }
}

/// Refuses to edit what an alias shows elsewhere, too.
fn not_shared(doc: &Document<'_>, walk: &Walk<'_, '_>) -> Result<(), Problem> {
    let shared =
        walk.nodes.iter().enumerate().find_map(|(at, it)| Some((at, it.anchor.clone()?, it)));
    match shared {
        Some((at, anchor, node)) => {
            let key = Key(walk.path[..at].to_vec()).to_string();
            Err(Problem::Shared { key, anchor, line: doc.line(node.span.start) })
        }
        None => Ok(()),
    }
}

fn set<'k>(
    doc: &Document<'_>,
    key: &'k Key,
    value: &Value,
) -> Result<Option<Planned<'k>>, Problem> {
    let walk = walk(doc, key)?;
    let node = walk.last();
    let line = doc.line(node.span.start);
    // A table is there already; a step sets its keys one by one.
    let is_table = |it: &Value| matches!(it, Value::Map(rows) if rows.is_empty());
    let is_there = node.value() == *value || matches!(node.is, Is::Map(_)) && is_table(value);
    if walk.rest.is_empty() && is_there {
        return Ok(None);
    }
    let (value, edits) = match walk.rest {
        [] => {
            if !matches!(node.is, Is::Scalar(Value::Null)) {
                fits(doc, &walk, value)?;
            }
            not_shared(doc, &walk)?;
            (value.clone(), replace(doc, &walk, value))
        }
        [Part::Key(name), below @ ..] => {
            not_shared(doc, &walk)?;
            let inner = nested(doc, &walk, below, value)?;
            let mut all = node.value();
            if let Value::Null = all {
                all = Value::Map(Vec::new());
            }
            if let Value::Map(rows) = &mut all {
                rows.push((name.clone(), inner.clone()));
            }
            (all, add(doc, &walk, name, &inner))
        }
        [item, below @ ..] => {
            if is_done(node, item, below, value) {
                return Ok(None);
            }
            return Err(no_item(doc, &walk, item));
        }
    };
    let edits = edits.ok_or_else(|| Problem::Unsure { key: key.to_string(), line })?;
    let expected = vec![with(&doc.root.value(), &walk.path, &value)];
    Ok(Some(Planned { edits, expected, key, line }))
}

/// Tells whether the item that is to be changed has been: `steps[uses=a].uses` may be `b` already.
fn is_done(list: &Node, item: &Part, below: &[Part], value: &Value) -> bool {
    let (Part::Having(key, _), [Part::Key(last)], Value::Text(text)) = (item, below, value) else {
        return false;
    };
    let Is::List(items) = &list.is else { return false };
    key == last && items.iter().any(|it| key::has(it, key, text))
}

fn no_item(doc: &Document<'_>, walk: &Walk<'_, '_>, item: &Part) -> Problem {
    let (key, line) = (Key(walk.path.clone()).to_string(), doc.line(walk.last().span.start));
    let item = Key(vec![item.clone()]).to_string();
    Problem::NoItem { key, item: item.trim_matches(['[', ']']).to_owned(), line }
}

/// Puts a value below keys that are not there.
fn nested(
    doc: &Document<'_>,
    walk: &Walk<'_, '_>,
    below: &[Part],
    value: &Value,
) -> Result<Value, Problem> {
    below.iter().rev().try_fold(value.clone(), |value, part| match part {
        Part::Key(name) => Ok(Value::Map(vec![(name.clone(), value)])),
        Part::Item(_) | Part::Having(..) => Err(no_item(doc, walk, part)),
    })
}

/// Refuses a value of another type than the one that is there.
fn fits(doc: &Document<'_>, walk: &Walk<'_, '_>, value: &Value) -> Result<(), Problem> {
    let node = walk.last();
    let wanted = match (&node.is, value) {
        (Is::Scalar(old), new) if old.is_scalar() && new.is_scalar() => return Ok(()),
        (Is::List(_), Value::List(_)) | (Is::Map(_), Value::Map(_)) => return Ok(()),
        (_, new) => new.noun(),
    };
    Err(wrong_type(doc, &walk.path, node, wanted))
}

/// Writes a value in the place of another one.
fn replace(doc: &Document<'_>, walk: &Walk<'_, '_>, value: &Value) -> Option<Vec<TextEdit>> {
    let node = walk.last();
    let old = doc.source.get(node.span.clone())?;
    let quote = old.chars().next().filter(|it| matches!(it, '"' | '\''));
    let in_block = doc.format == Format::Yaml
        && walk.nodes[..walk.nodes.len() - 1].iter().all(|it| it.form == Form::Block);
    let is_empty = node.span.is_empty();
    let text = match (doc.format, node.form) {
        (Format::Toml, Form::Block) => return None,
        (Format::Yaml, _)
            if in_block && (node.form == Form::Block || value.is_scalar() || is_empty) =>
        {
            let indents = block::Indents::of(doc);
            let column = block::column(doc.source, holder(doc, walk)?.0);
            let text = write::yaml_value(value, column, indents, quote);
            match is_empty {
                true => text,
                // What is there begins behind the blank or the line end.
                false => text.trim_start().to_owned(),
            }
        }
        (Format::Json, _) if doc.source.trim_end().contains('\n') => {
            let line = &doc.source[block::line_start(doc.source, node.span.start)..];
            let outer = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
            write::json_lines(value, outer, flow::indent_unit(doc.source))
        }
        _ => {
            let gap = if is_empty { " " } else { "" };
            format!("{gap}{}", write::flow(doc.format, value, quote))
        }
    };
    Some(vec![TextEdit { span: node.span.clone(), text }])
}

/// Returns where the key or the dash begins that holds the last node, and where a value of it may
/// begin.
fn holder(doc: &Document<'_>, walk: &Walk<'_, '_>) -> Option<(usize, usize)> {
    let (parent, part) = walk.parent()?;
    match (&parent.is, part) {
        (Is::Map(entries), Part::Key(name)) => {
            let at = &entries.iter().find(|it| it.key == *name)?.at;
            let colon = at.end + doc.source.get(at.end..)?.find(':')? + 1;
            Some((at.start, colon))
        }
        (Is::List(_), _) => {
            let dash = doc.source.get(..walk.last().span.start)?.rfind('-')?;
            Some((dash, dash + 1))
        }
        _ => None,
    }
}

/// Puts a new key into the last node.
fn add(
    doc: &Document<'_>,
    walk: &Walk<'_, '_>,
    name: &str,
    value: &Value,
) -> Option<Vec<TextEdit>> {
    let node = walk.last();
    match (doc.format, node.form, &node.is) {
        (_, _, Is::Scalar(_)) if walk.path.is_empty() => {
            Some(vec![block::insert(doc, node, name, value)])
        }
        (_, _, Is::Scalar(_)) => {
            replace(doc, walk, &Value::Map(vec![(name.to_owned(), value.clone())]))
        }
        (Format::Toml, Form::Block, _) => Some(vec![toml::insert(doc, &walk.path, name, value)]),
        (Format::Yaml, Form::Block, _) => Some(vec![block::insert(doc, node, name, value)]),
        (Format::Json, ..) => Some(flow::insert(doc, node, &json_row(doc, node, name, value))),
        (Format::Toml | Format::Yaml, Form::Flow, _) => {
            Some(flow::insert(doc, node, &write::flow_row(doc.format, name, value, ": ")))
        }
    }
}

/// Writes a key with its value for an object of JSON, in the way of its last key.
fn json_row(doc: &Document<'_>, node: &Node, name: &str, value: &Value) -> String {
    let source = doc.source;
    let last = match &node.is {
        Is::Map(entries) => entries.last(),
        Is::Scalar(_) | Is::List(_) => None,
    };
    let colon = last.map_or(": ", |it| &source[it.at.end..it.value.span.start]);
    let is_multi = source.trim_end().contains('\n');
    let colon = if colon.trim() == ":" { colon } else { ": " };
    let unit = flow::indent_unit(source);
    let line = |at: usize| &source[block::line_start(source, at)..at];
    let outer = match last {
        Some(last) => line(last.at.start).to_owned(),
        None => {
            let above = line(node.span.start);
            format!("{}{unit}", &above[..above.len() - above.trim_start().len()])
        }
    };
    match is_multi && outer.trim().is_empty() {
        true => {
            let row = write::flow_row(doc.format, name, &Value::Null, colon);
            let head = row.strip_suffix("null").unwrap_or(&row);
            format!("{head}{}", write::json_lines(value, &outer, unit))
        }
        false => write::flow_row(doc.format, name, value, colon),
    }
}

fn remove<'k>(doc: &Document<'_>, key: &'k Key) -> Result<Option<Planned<'k>>, Problem> {
    let walk = walk(doc, key)?;
    if !walk.rest.is_empty() {
        return Ok(None);
    }
    not_shared(doc, &walk)?;
    take_out(doc, key, &walk)
}

/// Takes the last node out of the one that holds it.
fn take_out<'k>(
    doc: &Document<'_>,
    key: &'k Key,
    walk: &Walk<'_, '_>,
) -> Result<Option<Planned<'k>>, Problem> {
    let line = doc.line(walk.last().span.start);
    let Some((parent, part)) = walk.parent() else {
        return Err(Problem::Unsure { key: key.to_string(), line });
    };
    let index = match (&parent.is, part) {
        (Is::Map(entries), Part::Key(name)) => entries.iter().position(|it| it.key == *name),
        (_, Part::Item(at)) => Some(*at),
        _ => None,
    };
    let index = index.ok_or_else(|| Problem::Unsure { key: key.to_string(), line })?;
    let edits = match (doc.format, parent.form) {
        (_, Form::Flow) => flow::remove(doc, parent, index),
        (Format::Toml, Form::Block) => toml::remove(doc, &walk.path),
        (Format::Yaml | Format::Json, Form::Block) => {
            let above = Walk {
                nodes: walk.nodes[..walk.nodes.len() - 1].to_vec(),
                path: walk.path[..walk.path.len() - 1].to_vec(),
                rest: &[],
            };
            block::remove(doc, parent, index, holder(doc, &above).map(|(_, colon)| colon))
        }
    };
    // A table of TOML that nothing names any more is gone.
    let mut expected = vec![without(&doc.root.value(), &walk.path)];
    for end in (1..walk.path.len()).rev().filter(|_| doc.format == Format::Toml) {
        expected.push(without(&expected[0], &walk.path[..end]));
        let is_empty = |it: &Node| {
            matches!(&it.is, Is::Map(rows) if rows.len() == 1)
                || matches!(&it.is, Is::List(rows) if rows.len() == 1)
        };
        if !is_empty(walk.nodes[end]) {
            expected.pop();
            break;
        }
    }
    Ok(Some(Planned { edits, expected, key, line }))
}

fn append<'k>(
    doc: &Document<'_>,
    key: &'k Key,
    item: &Value,
) -> Result<Option<Planned<'k>>, Problem> {
    let walk = walk(doc, key)?;
    let node = walk.last();
    let items = match &node.is {
        _ if !walk.rest.is_empty() => return set(doc, key, &Value::List(vec![item.clone()])),
        Is::Scalar(Value::Null) => return set(doc, key, &Value::List(vec![item.clone()])),
        Is::List(items) => items,
        Is::Scalar(_) | Is::Map(_) => return Err(wrong_type(doc, &walk.path, node, "a list")),
    };
    if items.iter().any(|it| it.value() == *item) {
        return Ok(None);
    }
    not_shared(doc, &walk)?;
    let line = doc.line(node.span.start);
    if (doc.format, node.form) == (Format::Toml, Form::Block) && !matches!(item, Value::Map(_)) {
        let (key, found) = (format!("`{key}`"), "a list of tables");
        return Err(Problem::Type { key, found, wanted: "a list of values", line });
    }
    let quote = items.last().and_then(|it| doc.source[it.span.clone()].chars().next());
    let edits = match (doc.format, node.form) {
        (Format::Toml, Form::Block) => toml::append(doc, &walk.path, item).map(|it| vec![it]),
        (Format::Yaml | Format::Json, Form::Block) => {
            Some(vec![block::append(doc, node, item, quote)])
        }
        (format, Form::Flow) => Some(flow::insert(doc, node, &write::flow(format, item, quote))),
    };
    let edits = edits.ok_or_else(|| Problem::Unsure { key: key.to_string(), line })?;
    let mut all: Vec<Value> = items.iter().map(Node::value).collect();
    all.push(item.clone());
    let expected = vec![with(&doc.root.value(), &walk.path, &Value::List(all))];
    Ok(Some(Planned { edits, expected, key, line }))
}

fn drop_item<'k>(
    doc: &Document<'_>,
    key: &'k Key,
    item: &Value,
) -> Result<Option<Planned<'k>>, Problem> {
    let mut walk = walk(doc, key)?;
    let node = walk.last();
    let items = match &node.is {
        _ if !walk.rest.is_empty() => return Ok(None),
        Is::Scalar(Value::Null) => return Ok(None),
        Is::List(items) => items,
        Is::Scalar(_) | Is::Map(_) => return Err(wrong_type(doc, &walk.path, node, "a list")),
    };
    let Some(at) = items.iter().position(|it| it.value() == *item) else { return Ok(None) };
    walk.nodes.push(&items[at]);
    walk.path.push(Part::Item(at));
    not_shared(doc, &walk)?;
    take_out(doc, key, &walk)
}

/// Returns a value with another one in a place of it.
fn with(value: &Value, path: &[Part], new: &Value) -> Value {
    let [part, below @ ..] = path else { return new.clone() };
    let mut value = value.clone();
    match (&mut value, part) {
        (Value::Map(rows), Part::Key(name)) => {
            for (_, it) in rows.iter_mut().filter(|(key, _)| key == name) {
                *it = with(it, below, new);
            }
        }
        (Value::List(items), Part::Item(at)) => {
            if let Some(it) = items.get_mut(*at) {
                *it = with(it, below, new);
            }
        }
        _ => {}
    }
    value
}

/// Returns a value without a place of it.
fn without(value: &Value, path: &[Part]) -> Value {
    let mut value = value.clone();
    match (&mut value, path) {
        (Value::Map(rows), [Part::Key(name)]) => rows.retain(|(key, _)| key != name),
        (Value::List(items), [Part::Item(at)]) if *at < items.len() => drop(items.remove(*at)),
        (Value::Map(rows), [Part::Key(name), below @ ..]) => {
            for (_, it) in rows.iter_mut().filter(|(key, _)| key == name) {
                *it = without(it, below);
            }
        }
        (Value::List(items), [Part::Item(at), below @ ..]) => {
            if let Some(it) = items.get_mut(*at) {
                *it = without(it, below);
            }
        }
        _ => {}
    }
    value
}
