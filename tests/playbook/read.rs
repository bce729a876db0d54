//! What a good playbook becomes.

use overhaul::path::RepoPath;
use overhaul::playbook::{self, Check, Inputs, Playbook, Unset, When};

const SPRINT: &str = r#"
name = "gateway"
description = "until {{ date }}"
requires = ">=0.1, <2"

[vars]
archive = { default = "{{ attic }}/{{ date }}", help = "Folder that receives what is removed" }
attic = "attic"
strict = true
depth = 3

[python]
roots = [".", "src"]
target = "3.12"
entry-points = ["services/*/main.py"]

[keep]
paths = ["backend", "!backend/**/_archived"]
frozen = ["vendor"]

[[sprint]]
name = "critical"
priority = "P0"
goal = "Every import resolves"

[[step]]
sprint = "critical"
kind = "remove"
paths = ["services/{{ attic }}_*"]
archive = "{{ archive }}"
unless-used = true
why = "nobody imports them"

[[step]]
id = "scripts"
kind = "move"
into = { "{{ attic }}/scripts" = ["scripts/*.py"] }
include = "review"
same-as = "a.py"
when = { exists = "scripts", missing = "tools", var = "strict" }

[[check]]
rule = "unresolved-import"
[[check]]
manual = "Migrations are complete"
done = true

[verify]
run = ["python -m pytest -q"]
cycles = "warn"
"#;

#[track_caller]
fn read(text: &str, set: &[(&str, &str)], unset: Unset) -> Playbook {
    let set: Vec<_> = set.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let inputs = Inputs { set: &set, date: "20260102", unset };
    match playbook::read("play.toml", text.as_bytes(), &inputs) {
        Ok(playbook) => playbook,
        Err(error) => panic!("{error}: {:?}", error.mistakes),
    }
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

#[test]
fn every_table_is_read() {
    let playbook = read(SPRINT, &[], Unset::IsMistake);
    assert_eq!((playbook.name.as_str(), playbook.target), ("gateway", Some((3, 12))));
    assert_eq!(playbook.roots, Some(vec![RepoPath::root(), path("src")]));
    assert!(playbook.entry_points.covers(&path("services/a/main.py")));
    assert!(playbook.keep.covers(&path("backend/a.py")));
    assert!(!playbook.keep.covers(&path("backend/x/_archived/a.py")));
    assert!(playbook.frozen.covers(&path("vendor/x")));
    assert_eq!(playbook.sprints[0].goal.as_deref(), Some("Every import resolves"));
    assert_eq!(playbook.verify_run, ["python -m pytest -q"]);
    assert!(!playbook.cycles_fail);
    let checks = [
        Check::Rule { rule: "unresolved-import".to_owned(), max: 0 },
        Check::Manual { text: "Migrations are complete".to_owned(), done: true },
    ];
    assert_eq!(playbook.checks, checks);
}

#[test]
fn what_is_common_to_steps_is_read_apart_from_their_kind() {
    let playbook = read(SPRINT, &[], Unset::IsMistake);
    let [remove, scripts] = playbook.steps.as_slice() else { panic!("two steps") };
    assert_eq!((remove.id.as_str(), remove.kind.name), ("1-remove", "remove"));
    assert_eq!(remove.sprint.as_deref(), Some("critical"));
    assert!(remove.unless_used && !remove.include_review && remove.when.is_none());
    assert_eq!((scripts.id.as_str(), scripts.kind.name), ("scripts", "move"));
    assert!(scripts.include_review && !scripts.unless_used);
    assert_eq!(scripts.same_as, Some(path("a.py")));
    let when = When {
        exists: Some(path("scripts")),
        missing: Some(path("tools")),
        var: Some("strict".to_owned()),
    };
    assert_eq!(scripts.when, Some(when));
}

#[test]
fn variables_stand_in_values_keys_and_defaults() {
    let playbook = read(SPRINT, &[], Unset::IsMistake);
    assert_eq!(playbook.description, "until 20260102");
    assert_eq!(playbook.steps[0].step.archive(), Some(path("attic/20260102")));
    let shown = format!("{:?}", playbook.steps);
    assert!(shown.contains("services/attic_*") && shown.contains("attic/scripts"), "{shown}");
    let vars: Vec<_> = playbook.vars.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let expected =
        [("archive", "attic/20260102"), ("attic", "attic"), ("depth", "3"), ("strict", "true")];
    assert_eq!(vars, expected);
    assert_eq!(playbook.declared[0].default.as_deref(), Some("{{ attic }}/{{ date }}"));
}

#[test]
fn set_wins_over_the_default_and_is_taken_as_it_is() {
    let set = [("attic", "old"), ("attic", "older"), ("depth", "{{ date }}")];
    let playbook = read(SPRINT, &set, Unset::IsMistake);
    assert_eq!(playbook.vars["archive"], "older/20260102");
    assert_eq!(playbook.vars["depth"], "{{ date }}");
}

#[test]
fn a_variable_without_a_value_is_fine_where_a_playbook_is_only_looked_at() {
    let text = "name = 'x'\n[vars]\nold = { help = 'the module' }\n\
                [[step]]\nkind = 'remove'\npaths = ['{{ old }}.py']\n";
    let playbook = read(text, &[], Unset::IsFine);
    assert_eq!(playbook.declared[0].help.as_deref(), Some("the module"));
    assert!(format!("{:?}", playbook.steps).contains("old.py"));
}

#[test]
fn only_double_braces_mean_something() {
    let check = |text: &str, expected: &str| {
        let playbook = read(&format!("name = 'x'\ndescription = {text}\n"), &[], Unset::IsMistake);
        assert_eq!(playbook.description, expected);
    };
    check("'{% if %} {# no #} ${HOME}'", "{% if %} {# no #} ${HOME}");
    check("'{{ date }}'", "20260102");
    check("\"${{ '{{' }} matrix.os }}\"", "${{ matrix.os }}");
    check("\"a <b> & {{ date }}\\n\"", "a <b> & 20260102\n");
    check("\"\\r\\n{{ date }}\\r\\n\"", "\r\n20260102\r\n");
}

#[test]
fn sprints_that_are_not_declared_are_those_of_the_steps() {
    let text = "name = 'x'\n\
                [[step]]\nsprint = 'b'\nkind = 'remove'\npaths = ['x']\n\
                [[step]]\nsprint = 'a'\nkind = 'remove'\npaths = ['y']\n\
                [[step]]\nsprint = 'b'\nkind = 'remove'\npaths = ['z']\n";
    let playbook = read(text, &[], Unset::IsMistake);
    let names: Vec<_> = playbook.sprints.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["b", "a"]);
}

#[test]
fn every_kind_refuses_a_key_that_it_does_not_know_and_has_a_schema() {
    let schema = playbook::schema();
    for kind in overhaul::steps::KINDS {
        let name = kind.name;
        let text = format!("name = 'x'\n[[step]]\nkind = '{name}'\nno-such-key = 1\n");
        let inputs = Inputs { set: &[], date: "20260102", unset: Unset::IsMistake };
        let error = playbook::read("play.toml", text.as_bytes(), &inputs).unwrap_err();
        let messages: Vec<_> = error.mistakes.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(messages, ["unknown key `no-such-key`"], "`{name}`");

        let rows = schema["properties"]["step"]["items"]["oneOf"].as_array().unwrap();
        let row = rows.iter().find(|it| it["properties"]["kind"]["const"] == name).unwrap();
        let fields = row["properties"].as_object().unwrap();
        assert!(fields.len() > 8, "`{name}` has fields of its own in the schema: {row}");
        assert_eq!(row["additionalProperties"], false);
    }
}
