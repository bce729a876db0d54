//! The playbooks in the binary are those of the folder, and each can be read.

use std::fs;
use std::path::Path;

use overhaul::playbook::{self, Inputs, SHIPPED, Unset, Variable};

/// Returns every file below `playbooks/`, sorted.
fn files() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("playbooks");
    let (mut open, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_table_lists_the_folder() {
    let listed: Vec<&str> = SHIPPED.iter().map(|it| it.file).collect();
    assert_eq!(listed, files(), "rows of src/playbook/shipped.rs, sorted by file");
}

#[test]
fn each_reads_and_is_named_like_its_file() {
    for shipped in SHIPPED {
        assert_eq!(Some(shipped.name), Path::new(shipped.file).file_stem().unwrap().to_str());
        let inputs = Inputs { set: &[], date: "20260102", unset: Unset::IsFine };
        match playbook::read(shipped.file, shipped.text.as_bytes(), &inputs) {
            Ok(playbook) => {
                assert_eq!(playbook.name, shipped.name, "{}", shipped.file);
                assert!(!playbook.description.is_empty(), "{}", shipped.file);
            }
            Err(error) => panic!("{error}: {:?}", error.mistakes),
        }
    }
}

#[test]
fn what_is_removed_goes_where_the_variable_says() {
    let mut archives = 0;
    for shipped in SHIPPED {
        let inputs = Inputs { set: &[], date: "20260102", unset: Unset::IsFine };
        let declared = playbook::read(shipped.file, shipped.text.as_bytes(), &inputs).unwrap();
        let names_archive = |it: &&Variable| {
            it.default
                .as_deref()
                .is_some_and(|default| default.to_lowercase().starts_with("archive"))
        };
        let set: Vec<(String, String)> = declared
            .declared
            .iter()
            .filter(names_archive)
            .map(|it| (it.name.clone(), "attic".to_owned()))
            .collect();
        let inputs = Inputs { set: &set, ..inputs };
        let playbook = playbook::read(shipped.file, shipped.text.as_bytes(), &inputs).unwrap();
        for step in &playbook.steps {
            let Some(folder) = step.step.archive() else { continue };
            assert_eq!(folder.to_string(), "attic", "{}: {}", shipped.file, step.id);
            archives += 1;
        }
    }
    assert!(archives > 0, "no playbook of the binary archives anything");
}
