//! The walls of the house: which module may use which, and who owns the world.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the modules in the order of `lib.rs`: lowest layer first.
fn layers() -> Vec<String> {
    let map = fs::read_to_string(source("lib.rs")).unwrap();
    map.lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned))
        .collect()
}

fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path)
}

/// Returns every source file with its path below `src`, its top-level module, and its text without
/// comments and without its test module.
fn files() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut open = vec![source("")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let below = path.strip_prefix(source("")).unwrap().to_str().unwrap().to_owned();
                let module = below.split(['/', '.']).next().unwrap().to_owned();
                let text = fs::read_to_string(&path).unwrap();
                found.push((below, module, code_of(&text)));
            }
        }
    }
    found.sort();
    found
}

fn code_of(text: &str) -> String {
    let body = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = body.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Returns the names that follow `head` in `text`, also those in a brace list.
fn names_after(text: &str, head: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(head) {
        let rest = &text[at + head.len()..];
        let parts: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap().split(',').collect(),
            None => vec![rest],
        };
        for part in parts {
            let word = part
                .trim()
                .trim_start_matches("r#")
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next();
            found.extend(word.filter(|it| !it.is_empty()).map(str::to_owned));
        }
    }
    found
}

#[test]
fn modules_use_only_lower_layers() {
    let layers = layers();
    let rank = |name: &str| layers.iter().position(|it| it == name);
    for (file, module, text) in files() {
        let Some(own) = rank(&module) else { continue };
        for used in names_after(&text, "crate::") {
            let Some(other) = rank(&used) else { continue };
            assert!(
                other <= own,
                "src/{file}: `{module}` must not use `{used}`, which is above it"
            );
        }
    }
}

#[test]
fn every_folder_of_src_is_on_the_map() {
    let layers = layers();
    for (file, module, _) in files() {
        let known = matches!(module.as_str(), "lib" | "main") || layers.contains(&module);
        assert!(known, "src/{file}: `{module}` is not in lib.rs");
    }
}

#[test]
fn each_crate_has_one_owner() {
    let owners: [(&str, &[&str]); 15] = [
        ("ruff_python_parser", &["python"]),
        ("ruff_python_ast", &["python"]),
        ("ruff_python_stdlib", &["python"]),
        ("ruff_text_size", &["python"]),
        ("regex_automata", &["text"]),
        ("git2", &["host"]),
        ("crc32fast", &["host"]),
        ("tempfile", &["host"]),
        ("clap", &["cli"]),
        ("clap_complete", &["cli"]),
        ("clap_mangen", &["cli"]),
        ("rustix", &["host"]),
        ("saphyr_parser", &["text"]),
        ("signal_hook", &["host"]),
        ("sha1", &["tree"]),
    ];
    for (file, module, text) in files() {
        for (name, allowed) in owners {
            let used = text.contains(&format!("{name}::")) || text.contains(&format!("use {name}"));
            assert!(
                !used || allowed.contains(&module.as_str()),
                "src/{file} must not know `{name}`"
            );
        }
    }
}

#[test]
fn the_world_stays_at_the_edge() {
    let world = ["std::fs", "std::env", "std::process", "std::net", "SystemTime", "Instant::now"];
    for (file, module, text) in files() {
        if matches!(module.as_str(), "host" | "batch" | "cli" | "main") {
            continue;
        }
        for word in world {
            assert!(!text.contains(word), "src/{file}: `{word}` belongs to host/");
        }
    }
}

#[test]
fn steps_and_rules_do_not_know_each_other() {
    for (file, module, text) in files() {
        let Some(own) = file.strip_prefix("steps/").filter(|it| *it != "mod.rs") else { continue };
        let own = own.split(['/', '.']).next().unwrap();
        let mut known = names_after(&text, "crate::steps::");
        // Deeper down, `super` is the kind itself.
        if !file["steps/".len()..].contains('/') || file.ends_with("/mod.rs") {
            known.extend(names_after(&text, "super::"));
        }
        for used in known {
            assert!(
                used == own || !is_kind(&used),
                "src/{file}: `{module}` kinds meet only through the tree, not `{used}`"
            );
        }
    }
}

#[test]
fn a_rule_knows_no_other_rule() {
    for (file, _, text) in files() {
        let Some(own) = file.strip_prefix("audit/").filter(|it| *it != "mod.rs") else { continue };
        let rules: Vec<String> =
            overhaul::audit::RULES.iter().map(|it| it.id.replace('-', "_")).collect();
        let name = own.strip_suffix(".rs").unwrap();
        assert!(rules.iter().any(|it| it == name), "src/{file} is the file of no rule");
        let known =
            names_after(&text, "super::").into_iter().chain(names_after(&text, "crate::audit::"));
        known.for_each(|used| assert!(!rules.contains(&used), "src/{file} must not use `{used}`"));
    }
}

/// A file or folder of `steps/` holds a kind where it implements the trait.
fn is_kind(name: &str) -> bool {
    let places = [format!("steps/{name}.rs"), format!("steps/{name}/mod.rs")];
    let texts = places.iter().filter_map(|it| fs::read_to_string(source(it)).ok());
    texts.into_iter().any(|it| it.contains("impl Step for"))
}

#[test]
fn a_kind_is_a_file_or_a_folder() {
    let kinds = ["create", "gitignore", "move", "remove", "consolidate", "rewrite_imports"];
    assert!(kinds.iter().all(|it| is_kind(it)) && !is_kind("place") && !is_kind("relocate"));
}

#[test]
fn facts_describe_and_proofs_trust_only_trees() {
    let forbidden =
        [("facts", "steps"), ("facts", "plan"), ("verify", "steps"), ("host", "report")];
    for (file, module, text) in files() {
        for (user, used) in forbidden {
            let breach =
                module == user && names_after(&text, "crate::").iter().any(|it| it == used);
            assert!(!breach, "src/{file}: `{user}` must not use `{used}`");
        }
    }
}

#[test]
fn core_types_are_not_public_formats() {
    for (file, module, text) in files() {
        let may = matches!(module.as_str(), "python" | "report" | "host" | "batch" | "cli");
        let serialises =
            text.contains("Serialize") && text.replace("Deserialize", "").contains("Serialize");
        assert!(may || !serialises, "src/{file}: public formats are owned by report/");
    }
}

#[test]
fn every_file_says_what_it_is_and_stays_small() {
    for (file, _, _) in files() {
        let text = fs::read_to_string(source(&file)).unwrap();
        assert!(text.starts_with("//!"), "src/{file} lacks a module comment");
        let lines = text.lines().count();
        assert!(lines <= 800, "src/{file} has {lines} lines; 800 is the most");
    }
}
