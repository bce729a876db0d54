//! Generated pages are committed, and kept true here: `UPDATE=1 cargo test` rewrites them.

use std::fs;
use std::path::Path;

/// Expects that the file at `path` holds `expected`; with `UPDATE` set, makes it so.
#[track_caller]
pub(crate) fn check_file(path: &str, expected: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, expected).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    let expected = snapbox::Data::text(expected.to_owned()).raw();
    snapbox::assert_data_eq!(snapbox::Data::text(found).raw(), expected);
}

#[test]
fn the_command_reference_is_current() {
    let mut page = String::from("# Commands\n\nWhat `--help` says of each.\n");
    let mut command = overhaul::cli::command().term_width(100);
    command.build();
    describe(&mut page, &mut command);
    check_file("docs/commands.md", &page);
}

fn describe(page: &mut String, command: &mut clap::Command) {
    let name = command.get_bin_name().unwrap_or("overhaul").to_owned();
    let help = command.render_long_help().to_string();
    let help: String = help.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    page.push_str(&format!("\n## `{name}`\n\n```text\n{help}```\n"));
    for below in command.get_subcommands_mut().filter(|it| it.get_name() != "help") {
        describe(page, below);
    }
}

#[test]
fn the_schema_is_current() {
    let schema = format!("{:#}\n", overhaul::playbook::schema());
    check_file("docs/playbook.schema.json", &schema);
}

#[test]
fn the_step_reference_is_current() {
    let mut page =
        String::from("# Steps\n\nWhat a `[[step]]` of each kind does, and its fields.\n");
    page.push_str(&format!("\n# Every step\n\n{}", fields_of_all()));
    for kind in overhaul::steps::KINDS {
        page.push_str(&format!("\n# `{}`\n\n{}\n{}", kind.name, kind.docs, fields(kind)));
    }
    check_file("docs/steps.md", &page);
}

#[test]
fn the_examples_of_the_step_reference_are_playbooks() {
    use overhaul::playbook::{self, Inputs, Unset};

    for kind in overhaul::steps::KINDS {
        let (_, example) = kind.docs.split_once("```toml\n").unwrap();
        let text = format!("name = \"example\"\n{}", example.split("```").next().unwrap());
        let inputs = Inputs { set: &[], date: "20261121", unset: Unset::IsMistake };
        let read = playbook::read("example.toml", text.as_bytes(), &inputs);
        assert!(read.is_ok(), "`{}`: {:?}", kind.name, read.err());
    }
}

/// Lists the fields that a step of any kind has.
fn fields_of_all() -> String {
    let schema = overhaul::playbook::schema();
    let mut kinds = schema["properties"]["step"]["items"]["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["properties"].as_object().unwrap().clone());
    let mut common = kinds.next().unwrap();
    for kind in kinds {
        common.retain(|name, field| kind.get(name) == Some(field));
    }
    listed(&common)
}

/// Lists the fields of a kind with what their types say of them.
fn fields(kind: &overhaul::steps::Kind) -> String {
    let mut generator = schemars::SchemaGenerator::default();
    let schema = (kind.schema)(&mut generator);
    let types = generator.take_definitions(true);
    let name = schema.get("$ref").and_then(|it| it.as_str()?.rsplit('/').next());
    let of_kind = name.and_then(|it| types.get(it)?.get("properties")?.as_object());
    listed(of_kind.unwrap_or(&serde_json::Map::new()))
}

fn listed(fields: &serde_json::Map<String, serde_json::Value>) -> String {
    let mut list = String::from("## Fields\n\n");
    for (name, field) in fields {
        let about = field.get("description").and_then(|it| it.as_str()).unwrap_or_default();
        list.push_str(&format!("- `{name}`: {}\n", about.replace('\n', " ")));
    }
    list
}
