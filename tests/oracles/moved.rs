//! Python itself judges the rewriting engine: random trees with imports of every form, random moves;
//! each module that could be imported before computes afterwards what it computed before.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use overhaul::facts::{Facts, Memo, Settings};
use overhaul::finding::Safety;
use overhaul::path::RepoPath;
use overhaul::rewrite::{Moves, Sides, Uses, follow};
use overhaul::text::{Text, TextEdit, apply};
use overhaul::tree::{Memory, Mode, Tree};
use serde_json::json;

const CASES: u64 = 30;
const TOPS: [&str; 3] = ["alpha", "beta", "gamma"];
/// Unlike the tops: which of two things of one name a package has would depend on what ran before.
const LEAVES: [&str; 5] = ["core", "data", "util", "model", "views"];

/// What Python says where a module is used before it has run.
const CYCLES: [&str; 3] = ["circular", "partially", "name 'star_"];

/// A small generator of its own, so that a case is known by its number.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

/// Returns the dotted name of a file.
pub(super) fn dotted(path: &str) -> String {
    let name = path.trim_end_matches(".py").replace('/', ".");
    name.strip_suffix(".__init__").unwrap_or(&name).to_owned()
}

/// Returns the paths of a random tree of packages.
pub(super) fn paths(dice: &mut Dice) -> Vec<String> {
    let mut paths = vec!["solo.py".to_owned()];
    for top in TOPS {
        folder(dice, &mut paths, top, 0);
    }
    paths.sort_by_cached_key(|path| (dice.roll(1000), path.clone()));
    return paths;

    fn folder(dice: &mut Dice, paths: &mut Vec<String>, path: &str, depth: usize) {
        if !dice.chance(15) {
            paths.push(format!("{path}/__init__.py"));
        }
        let mut leaves = LEAVES.to_vec();
        for _ in 0..2 + dice.roll(2) {
            let leaf = leaves.remove(dice.roll(leaves.len()));
            let below = format!("{path}/{leaf}");
            if depth < 2 && dice.chance(30) {
                folder(dice, paths, &below, depth + 1);
            } else {
                paths.push(format!("{below}.py"));
            }
        }
    }
}

/// One module being written.
struct Writer<'a> {
    dice: &'a mut Dice,
    path: &'a str,
    index: usize,
    head: String,
    body: String,
    count: usize,
    plain: Vec<String>,
}

impl Writer<'_> {
    fn value(&mut self, expression: &str) {
        writeln!(self.body, "    values.append({expression})").unwrap();
    }

    fn statement(&mut self, inside: bool, statement: &str) {
        let styles = ["{}", "{}  # noqa", "x = 1; {}; y = 2", "if True: {}"];
        let optional = "try:\n    {}\nexcept ImportError:\n    raise";
        let style = if self.dice.chance(10) { optional } else { self.dice.pick(&styles) };
        let text = style.replace("{}", statement);
        if inside {
            let text = text.replace('\n', "\n    ");
            writeln!(self.body, "    {text}").unwrap();
        } else {
            writeln!(self.head, "{text}").unwrap();
        }
    }

    fn local(&mut self) -> String {
        self.count += 1;
        format!("v{}_{}", self.index, self.count)
    }

    /// Returns the way that a relative import names `target`, where it can.
    fn relative(&self, target: &str) -> Option<String> {
        let own = dotted(self.path);
        let mut package: Vec<&str> = own.split('.').collect();
        if !self.path.ends_with("__init__.py") {
            package.pop();
        }
        let parts: Vec<&str> = target.split('.').collect();
        let common = package.iter().zip(&parts).take_while(|(a, b)| a == b).count();
        let dots = ".".repeat(package.len() - common + 1);
        (common > 0).then(|| format!("{dots}{}", parts[common..].join(".")))
    }

    fn spell(&mut self, target: &str) -> String {
        let relative = self.relative(target).filter(|_| self.dice.chance(60));
        relative.unwrap_or_else(|| target.to_owned())
    }

    /// Imports `target` in one of all forms, and takes its value.
    fn import(&mut self, (index, target): (usize, &str), inside: bool) {
        let local = self.local();
        let (package, last) = match target.rsplit_once('.') {
            Some((package, last)) => (Some(package), last),
            None => (None, target),
        };
        match self.dice.roll(9) {
            0 | 1 => {
                self.plain.push(target.split('.').next().unwrap().to_owned());
                self.statement(inside, &format!("import {target}"));
                self.value(&format!("{target}.ID"));
            }
            2 => {
                self.statement(inside, &format!("import {target} as {local}"));
                self.value(&format!("{local}.ID"));
            }
            3 if package.is_some() => {
                let package = self.spell(package.unwrap());
                self.statement(inside, &format!("from {package} import {last} as {local}"));
                self.value(&format!("{local}.ID"));
            }
            4 if package.is_some() && !TOPS.contains(&last) => {
                let package = self.spell(package.unwrap());
                let text = format!("from {package} import {last}");
                writeln!(self.body, "    def {local}():\n        {text}\n        return {last}.ID")
                    .unwrap();
                self.value(&format!("{local}()"));
            }
            5 => {
                let module = self.spell(target);
                self.statement(inside, &format!("from {module} import ID as {local}, check as _"));
                self.value(&local);
            }
            6 => {
                writeln!(self.head, "import importlib").unwrap();
                self.value(&format!("importlib.import_module('{target}').ID"));
            }
            7 => {
                writeln!(self.head, "import pkgutil").unwrap();
                self.value(&format!("pkgutil.resolve_name('{target}:ID')"));
                self.value(&format!("pkgutil.resolve_name(\"{target}.ID\")"));
            }
            _ if index < self.index => {
                let module = self.spell(target);
                writeln!(self.head, "from {module} import *").unwrap();
                self.value(&format!("star_{index}"));
            }
            _ => self.value(&format!("__import__('{target}', fromlist=['']).ID")),
        }
    }

    /// Imports several modules of one package at once.
    fn several(&mut self, package: &str, names: &[&str]) {
        let locals: Vec<String> = names.iter().map(|_| self.local()).collect();
        let package = self.spell(package);
        let pairs = names.iter().zip(&locals).map(|(name, local)| format!("{name} as {local}"));
        let text = match self.dice.roll(3) {
            0 => format!("from {package} import {}", pairs.collect::<Vec<_>>().join(", ")),
            1 => {
                let rows: String = pairs.map(|it| format!("    {it},  # {it}\n")).collect();
                format!("from {package} import (\n{rows})")
            }
            _ => format!("from {package} import {}", pairs.collect::<Vec<_>>().join(", \\\n    ")),
        };
        writeln!(self.head, "{text}").unwrap();
        for local in locals {
            self.value(&format!("{local}.ID"));
        }
    }
}

/// Writes the module at `paths[index]`. At import time it imports only modules before it.
pub(super) fn source(dice: &mut Dice, paths: &[String], index: usize) -> String {
    let path = &paths[index];
    let (head, body) = (String::new(), String::new());
    let mut writer = Writer { dice, path, index, head, body, count: 0, plain: Vec::new() };
    for _ in 0..writer.dice.roll(6) {
        let inside = writer.dice.chance(50);
        let reach = if inside { paths.len() } else { index };
        if index == 0 {
            continue;
        }
        let target = writer.dice.roll(reach);
        writer.import((target, &dotted(&paths[target])), inside);
    }
    if writer.dice.chance(40) && index > 3 {
        let some = dotted(&paths[writer.dice.roll(index)]);
        if let Some((package, _)) = some.rsplit_once('.') {
            let siblings = paths[..index].iter().map(|it| dotted(it));
            let names: Vec<String> = siblings
                .filter_map(|it| Some(it.strip_prefix(&format!("{package}."))?.to_owned()))
                .filter(|it| !it.contains('.'))
                .collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            writer.several(package, &names);
        }
    }
    let own = *writer.dice.pick(&TOPS);
    if writer.dice.chance(20)
        && !path.ends_with("__init__.py")
        && !writer.plain.iter().any(|it| it == own)
    {
        writeln!(writer.head, "{own} = 'own'").unwrap();
        writer.value(own);
    }
    let Writer { head, body, .. } = writer;
    format!(
        "{head}ID = 'id{index}'\nstar_{index} = {index}\n__all__ = ['star_{index}']\ndef check():\n    values = [ID]\n{body}    return values\n"
    )
}

/// Moves a random file or package somewhere else.
fn random_move(dice: &mut Dice, paths: &[String], moves: &mut Moves) {
    let path = |text: &str| RepoPath::new(text).unwrap();
    let file = dice.pick(paths).clone();
    let (from, extension) = match file.strip_suffix("/__init__.py") {
        Some(folder) => (folder.to_owned(), ""),
        None => (file.trim_end_matches(".py").to_owned(), ".py"),
    };
    let home = dice.pick(paths).rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let old_name = from.rsplit('/').next().unwrap().to_owned();
    let name = if dice.chance(50) { old_name } else { format!("new{}", dice.roll(5)) };
    let to = if home.is_empty() { name } else { format!("{home}/{name}") };
    let (from, to) = (path(&from), path(&to));
    let taken = |it: &RepoPath| {
        paths.iter().any(|known| {
            path(known) == *it
                || path(known).is_under(it)
                || path(known.trim_end_matches(".py")) == *it
        })
    };
    let concerns_earlier = moves.paths.iter().any(|(old, new)| {
        new.to_string().trim_end_matches(".py") == to.to_string()
            || old.is_under(&from)
            || new.is_under(&to)
            || old.is_under(&to)
            || to.is_under(&old.parent().unwrap())
    });
    if to.is_under(&from) || taken(&to) || concerns_earlier {
        return;
    }
    if extension.is_empty() {
        for file in paths.iter().map(|it| path(it)).filter(|it| it.is_under(&from)) {
            moves.paths.insert(file.clone(), file.rebase(&from, &to).unwrap());
        }
        moves.folders.insert(from, to);
    } else {
        moves.paths.insert(path(&file), path(&format!("{to}{extension}")));
    }
}

pub(super) fn write(tree: &Tree, folder: &std::path::Path) {
    for path in tree.entries().keys() {
        let file = folder.join(path.to_string());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, tree.read(path).unwrap()).unwrap();
    }
}

/// Follows the moves through the tree, and applies what is safe.
fn followed(before: &Tree, moves: &Moves) -> Tree {
    let mut after = before.clone();
    let taken: Vec<_> = moves.paths.iter().map(|(old, new)| (new, after.remove(old))).collect();
    for (new, entry) in taken {
        after.put(new.clone(), entry.unwrap());
    }
    let memo = Memo::default();
    let index = |tree: &Tree| Facts::index(tree, &Settings::default(), &memo).unwrap();
    let (facts, facts_after) = (index(before), index(&after));
    let sides = Sides { before: (before, &facts), after: (&after, &facts_after) };
    let found = follow(sides, moves, Uses::Keep, &|_| true).unwrap();
    let mut edited = after.clone();
    for file in found.files {
        let text = Text::decode_python(&after.read(&file.path).unwrap()).unwrap();
        let safe = file.edits.iter().filter(|it| it.safety == Safety::Safe);
        let edits: Vec<TextEdit> = safe.map(|it| it.edit.clone()).collect();
        let source = apply(text.source(), &edits).unwrap();
        edited.write(file.path, Mode::File, text.encode(&source).unwrap());
    }
    edited
}

#[test]
fn modules_compute_after_a_move_what_they_computed_before() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut asked, mut cases) = (String::new(), Vec::new());
    for number in 1..=CASES {
        let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let paths = paths(&mut dice);
        let sources: Vec<String> =
            (0..paths.len()).map(|it| source(&mut dice, &paths, it)).collect();
        let files = paths.iter().map(String::as_str).zip(sources.iter().map(String::as_str));
        let before = Tree::new(Memory::texts(files).unwrap());
        let mut moves = Moves::default();
        (0..2).for_each(|_| random_move(&mut dice, &paths, &mut moves));
        let after = followed(&before, &moves);
        let now = |path: &String| {
            let old = RepoPath::new(path).unwrap();
            moves.paths.get(&old).unwrap_or(&old).to_string()
        };
        for (side, tree) in [("before", &before), ("after", &after)] {
            let root = scratch.path().join(format!("{number}-{side}"));
            write(tree, &root);
            let names: BTreeMap<String, String> = paths
                .iter()
                .enumerate()
                .map(|(at, it)| {
                    let path = if side == "after" { now(it) } else { it.clone() };
                    (format!("id{at}"), dotted(&path))
                })
                .collect();
            writeln!(asked, "{}", json!({"root": root, "modules": names})).unwrap();
        }
        cases.push((number, paths, moves, before, after));
    }
    let answers = super::ask("moved.py", &asked);
    let (mut differences, mut fine, mut cycles) = (Vec::new(), 0, 0);
    for ((number, paths, moves, before, after), answers) in cases.iter().zip(answers.chunks(2)) {
        for (at, path) in paths.iter().enumerate() {
            let key = format!("id{at}");
            let (was, is) = (&answers[0][&key], &answers[1][&key]);
            if was.is_string() || was == is {
                fine += usize::from(was == is);
                continue;
            }
            // A move may make a cycle of imports: that is for `verify` to tell.
            if is.as_str().is_some_and(|it| CYCLES.iter().any(|word| it.contains(word))) {
                cycles += 1;
                continue;
            }
            let old = RepoPath::new(path).unwrap();
            let new = moves.paths.get(&old).unwrap_or(&old);
            let text =
                |tree: &Tree, path| String::from_utf8(tree.read(path).unwrap().to_vec()).unwrap();
            differences.push(format!(
                "case {number}, {:?}\n{old} → {new}: {was} became {is}\n{}──\n{}",
                moves.paths,
                text(before, &old),
                text(after, new)
            ));
        }
    }
    super::report(&differences);
    assert!(fine > 10 * cases.len() && cycles * 50 < fine, "{fine} fine, {cycles} cycles");
}
