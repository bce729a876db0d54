//! Edits of files in every format, and what is refused.

use super::*;
use crate::text::apply;

fn changed(format: Format, source: &str, edit: &Change) -> Result<String, Problem> {
    let mut source = source.to_owned();
    for round in 0..10 {
        let edits = change(format, &source, edit)?;
        if edits.is_empty() {
            return Ok(source);
        }
        // What is equal goes one by one; all else is done at once.
        assert!(round == 0 || matches!(edit, Change::Drop(..)), "a second time: {source}");
        source = apply(&source, &edits).unwrap();
    }
    panic!("does not settle: {source}");
}

/// Reads `set a.b = VALUE`, `remove a.b`, `append a = VALUE` or `drop a = VALUE`; values are TOML.
fn command(text: &str) -> Change {
    let (verb, rest) = text.split_once(' ').unwrap();
    let (key, value) = rest.split_once(" = ").unwrap_or((rest, "0"));
    let key = Key::new(key).unwrap();
    let table: ::toml::Table = ::toml::from_str(&format!("v = {value}")).unwrap();
    let value = Value::from(table["v"].clone());
    match verb {
        "set" => Change::Set(key, value),
        "remove" => Change::Remove(key),
        "append" => Change::Append(key, value),
        "drop" => Change::Drop(key, value),
        _ => panic!("{verb}"),
    }
}

#[track_caller]
fn check(format: Format, source: &str, text: &str, expected: &str) {
    match changed(format, source, &command(text)) {
        Ok(result) => assert_eq!(result, expected, "{text}"),
        Err(problem) => panic!("{text}: {problem}\n{source}"),
    }
}

#[track_caller]
fn refused(format: Format, source: &str, text: &str, expected: &str) {
    let problem = changed(format, source, &command(text)).unwrap_err();
    assert_eq!(problem.to_string(), expected, "{text}");
}

#[test]
fn braces_over_lines_end_at_their_end() {
    let two = "a:\n  - {\n      t: x,  # }\n    }\n  - {\n      t: y,\n    }\nd: 1\n";
    let check = |text: &str, expected: &str| check(Format::Yaml, two, text, expected);
    check("remove a[1]", "a:\n  - {\n      t: x,  # }\n    }\nd: 1\n");
    check("drop a = { t = 'x' }", "a:\n  - {\n      t: y,\n    }\nd: 1\n");
    check("append a = \"z\"", &two.replace("d:", "  - z\nd:"));
    check("set a[0].u = 1", &two.replace("  # }\n", "  # }\n      u: 1,\n"));
    check("set a[1].t = 2", &two.replace("y,", "2,"));
}

#[test]
fn brackets_may_stand_below_the_key_of_their_list() {
    let flow = "on:\n  push:\n    branches: [\n      'a', # b\n    ]\n    tags: x\n";
    let expected = flow.replace("# b\n", "# b\n      'c',\n");
    check(Format::Yaml, flow, "append on.push.branches = 'c'", &expected);
    let expected = flow.replace("      'a', # b\n", "");
    check(Format::Yaml, flow, "drop on.push.branches = 'a'", &expected);
}

#[test]
fn a_list_of_tables_takes_tables() {
    let said = "`a` is a list of tables, in line 1, and has to be a list of values";
    refused(Format::Toml, "[[a]]\nb = 1\n", "append a = \"x\"", said);
}

mod toml {
    use super::{Format, check as check_in, refused as refused_in};

    #[track_caller]
    fn check(source: &str, text: &str, expected: &str) {
        check_in(Format::Toml, source, text, expected);
    }

    #[track_caller]
    fn refused(source: &str, text: &str, expected: &str) {
        refused_in(Format::Toml, source, text, expected);
    }

    #[test]
    fn values_change_in_their_place() {
        check("a = 1 # c\n", "set a = 2", "a = 2 # c\n");
        check("[t]\na  =  'x'", "set t.a = \"y\"", "[t]\na  =  'y'");
        check("a = \"x\"\n", "set a = \"it's\"", "a = \"it's\"\n");
        check("a = {b = 1, c = 2}\n", "set a.c = 3", "a = {b = 1, c = 3}\n");
        check("a = [1, 2]\n", "set a = [3]", "a = [3]\n");
        check(
            "[[p]]\nn = 'a'\n[[p]]\nn = 'b'\nv = 1\n",
            "set p[n=b].v = 2",
            "[[p]]\nn = 'a'\n[[p]]\nn = 'b'\nv = 2\n",
        );
        check("a.b.c = 1\n", "set a.b.c = true", "a.b.c = true\n");
        check("a = 1\n", "set a = 2020-01-01", "a = 2020-01-01\n");
    }

    #[test]
    fn new_keys_stand_with_their_table() {
        check("", "set a = 1", "a = 1\n");
        check("a = 1", "set b = 2", "a = 1\nb = 2");
        check("# c\n\n# d\n[t]\nx = 1\n", "set a = 1", "# c\n\na = 1\n\n# d\n[t]\nx = 1\n");
        check(
            "[t]\nx = 1 # c\n\n# u\n[u]\ny = 1\n",
            "set t.z = 'a'",
            "[t]\nx = 1 # c\nz = \"a\"\n\n# u\n[u]\ny = 1\n",
        );
        check("[t]\n[u]\n", "set t.\"a b\" = 1", "[t]\n\"a b\" = 1\n[u]\n");
        check(
            "[tool.black]\na = 1\n",
            "set tool.ruff.line-length = 100",
            "[tool.black]\na = 1\n\n[tool.ruff]\nline-length = 100\n",
        );
        check(
            "[tool.ruff]\na = 1\n\n[x]\n",
            "set tool.ruff.lint.select = ['E']",
            "[tool.ruff]\na = 1\n\n[tool.ruff.lint]\nselect = [\"E\"]\n\n[x]\n",
        );
        check("a.b = 1\n[t]\n", "set a.c = 2", "a.b = 1\na.c = 2\n[t]\n");
        check("[t]\na.b = 1\n", "set t.a.c.d = 2", "[t]\na.b = 1\na.c = { d = 2 }\n");
        check("a = { b = 1 }\n", "set a.c = 2", "a = { b = 1, c = 2 }\n");
        check("a = {}\n", "set a.c = 2", "a = { c = 2 }\n");
        check(
            "[[p]]\nn = 1\n\n[[p]]\nn = 2\n",
            "set p[0].v = 2",
            "[[p]]\nn = 1\nv = 2\n\n[[p]]\nn = 2\n",
        );
        check(
            "[a]\nb = [\n  1,\n]\nc = '''\nx\n'''\n",
            "set a.d = 1",
            "[a]\nb = [\n  1,\n]\nc = '''\nx\n'''\nd = 1\n",
        );
    }

    #[test]
    fn lists_grow_and_shrink() {
        check("a = [\"x\"]\n", "append a = 'y'", "a = [\"x\", \"y\"]\n");
        check("a = ['x']\n", "append a = 'y'", "a = ['x', 'y']\n");
        check("a = []\n", "append a = 'y'", "a = [\"y\"]\n");
        check(
            "a = [\n    \"x\", # c, d\n]\n",
            "append a = 'y'",
            "a = [\n    \"x\", # c, d\n    \"y\",\n]\n",
        );
        check("a = [\n  \"x\" # c\n]\n", "append a = 'y'", "a = [\n  \"x\", # c\n  \"y\"\n]\n");
        check("a = [\n  1,\n  2]\n", "append a = 3", "a = [\n  1,\n  2,\n  3]\n");
        check("a = [\"x\"]\n", "append a = 'x'", "a = [\"x\"]\n");
        check("[t]\n", "append t.a = 1", "[t]\na = [1]\n");
        check("a = [1, 2, 3]\n", "drop a = 1", "a = [2, 3]\n");
        check("a = [1, 2, 3]\n", "drop a = 2", "a = [1, 3]\n");
        check("a = [1, 2, 3]\n", "drop a = 3", "a = [1, 2]\n");
        check("a = [1, 1, 3, 1]\n", "drop a = 1", "a = [3]\n");
        check("a = [ 1 ]\n", "drop a = 1", "a = []\n");
        check("a = [\n  1, # one\n  # two\n  2,\n]\n", "drop a = 1", "a = [\n  # two\n  2,\n]\n");
        check("a = [\n  1,\n  2\n]\n", "drop a = 2", "a = [\n  1\n]\n");
        check("a = [\n  1,\n  2]\n", "drop a = 2", "a = [\n  1]\n");
        check("a = [1]\n", "drop a = 9", "a = [1]\n");
        check(
            "[[m]]\nn = 1\n",
            "append m = { n = 2, o = ['x'] }",
            "[[m]]\nn = 1\n\n[[m]]\nn = 2\no = [\"x\"]\n",
        );
        check("[[m]]\nn = 1\n\n[[m]]\nn = 2\n", "drop m = { n = 1 }", "[[m]]\nn = 2\n");
    }

    #[test]
    fn keys_and_tables_go() {
        check("# c\na = 1 # d\nb = 2\n", "remove a", "# c\nb = 2\n");
        check("a = { b = 1, c = 2 }\n", "remove a.c", "a = { b = 1 }\n");
        check("a = { b = 1 }\n", "remove a.b", "a = {}\n");
        check("[a]\nx = 1\n\n[a.b]\ny = 1\n\n[c]\nz = 1\n", "remove a", "[c]\nz = 1\n");
        check("[c]\nz = 1\n\n# about a\n[a]\nx = 1\n", "remove a", "[c]\nz = 1\n\n# about a\n");
        check("[c]\nz = 1\n\n[a]\nx = 1\n", "remove a", "[c]\nz = 1\n");
        check("[tool.a]\nx = 1\n", "remove tool.a", "");
        check("a.b = 1\nc = 1\n", "remove a.b", "c = 1\n");
        check("a = [\n 1,\n 2,\n]\nb = 1\n", "remove a", "b = 1\n");
        check("a = 1\n", "remove b.c", "a = 1\n");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        refused("a = 1\n", "set a.b = 1", "`a` is a number, in line 1, and has to be a table");
        refused("a = 1\n", "append a = 1", "`a` is a number, in line 1, and has to be a list");
        refused("\n[a]\n", "set a = 'x'", "`a` is a table, in line 2, and has to be text");
        refused("a = [1]\n", "set a[3] = 1", "`a` has no item `3`, in line 1");
        refused(
            "[[p]]\nn = 1\n[[p]]\nn = 1\n",
            "set p[n=1].x = 1",
            "`p[n=1]` is there more than once, in line 1 and in line 3",
        );
        refused("a = [\n", "set a = 1", "unclosed array, expected `]`");
    }
}

mod yaml {
    use super::{Format, check as check_in, refused as refused_in};

    #[track_caller]
    fn check(source: &str, text: &str, expected: &str) {
        check_in(Format::Yaml, source, text, expected);
    }

    #[track_caller]
    fn refused(source: &str, text: &str, expected: &str) {
        refused_in(Format::Yaml, source, text, expected);
    }

    #[test]
    fn values_change_in_their_place() {
        check("a: 1 # c\n", "set a = 2", "a: 2 # c\n");
        check("a: 'x'\nb: \"y\"\n", "set a = \"it's\"", "a: 'it''s'\nb: \"y\"\n");
        check("a: x\n", "set a = 'on'", "a: \"on\"\n");
        check("a: x\n", "set a = '3.12'", "a: \"3.12\"\n");
        check("a: 3.12\n", "set a = '3.12'", "a: \"3.12\"\n");
        check("a: yes\n", "set a = true", "a: true\n");
        check("a:\nb: 1\n", "set a = 'x'", "a: x\nb: 1\n");
        check("a: # c\nb: 1\n", "set a = 'x'", "a: x # c\nb: 1\n");
        check("a: &x 1\nb: 2\n", "set a = 2", "a: &x 2\nb: 2\n");
        check("a: |\n  x\n  y\nb: 1\n", "set a = 'z'", "a: z\nb: 1\n");
        check("a: |\n  &x\nb: 1\n", "set a = 'z'", "a: z\nb: 1\n");
        check("a: &x |\n  &y\nb: 1\n", "set b = 2", "a: &x |\n  &y\nb: 2\n");
        check("a:\n  b: 1\n", "set a.b = \"x\\ny\\n\"", "a:\n  b: |\n    x\n    y\n");
        check("a: x\nb: 1\n", "set a = \"x\\n\\n  y\"", "a: |-\n  x\n\n    y\nb: 1\n");
        check("on: push\n", "set on = 'x: y'", "on: \"x: y\"\n");
        check(
            "s:\n  - name: a\n    run: x\n  - name: b\n    run: y\n",
            "set s[name=b].run = 'z'",
            "s:\n  - name: a\n    run: x\n  - name: b\n    run: z\n",
        );
        check("s:\n- uses: a@v1\n", "set s[uses=a@v1].uses = 'a@v2'", "s:\n- uses: a@v2\n");
        check("a: [x, y]\n", "set a = ['z']", "a: [z]\n");
        check("a:\n- x\n- y # c\nb: 1\n", "set a = ['z', 'u']", "a:\n- z\n- u # c\nb: 1\n");
        check("a:\n    x: 1\n    y: 2\n", "set a = { z = 1 }", "a:\n    z: 1\n");
        check(
            "kind: A\n---\nkind: B\nspec:\n  n: 1\n",
            "set [kind=B].spec.n = 2",
            "kind: A\n---\nkind: B\nspec:\n  n: 2\n",
        );
        check("a: [{b: 1}]\n", "set a[0].b = \"x\\n\"", "a: [{b: \"x\\n\"}]\n");
        check("a: 1\n", "set a = 2020-01-01", "a: \"2020-01-01\"\n");
        check("- a\n- b\n", "set [1] = 'c'", "- a\n- c\n");
        check("- a\n- b\n", "set [1] = \"c\\nd\"", "- a\n- |-\n  c\n  d\n");
    }

    #[test]
    fn new_keys_stand_with_their_table() {
        check("", "set a.b = 1", "a:\n  b: 1\n");
        check("# c", "set a = 1", "# c\na: 1");
        check("a: 1", "set b = 2", "a: 1\nb: 2");
        check(
            "a:\n  b: 1 # c\n\n# d\nc: 2\n",
            "set a.x = [1, 2]",
            "a:\n  b: 1 # c\n  x:\n    - 1\n    - 2\n\n# d\nc: 2\n",
        );
        check(
            "a:\n    b:\n    - 1\nc: 2\n",
            "set a.x.z = [1]",
            "a:\n    b:\n    - 1\n    x:\n        z:\n        - 1\nc: 2\n",
        );
        check("a: 1\n\nb: 2\n", "set c = 3", "a: 1\n\nb: 2\n\nc: 3\n");
        check("a:\nb: 1\n", "set a.c.d = 1", "a:\n  c:\n    d: 1\nb: 1\n");
        check("a: {b: 1}\n", "set a.c = 'x'", "a: {b: 1, c: x}\n");
        check("a: {}\n", "set a.c = 'x, y'", "a: { c: \"x, y\" }\n");
        check(
            "s:\n  - name: a\n    run: |\n      x\n\n  - name: b\n",
            "set s[0].env.X = '1'",
            "s:\n  - name: a\n    run: |\n      x\n    env:\n      X: \"1\"\n\n  - name: b\n",
        );
        check(
            "s:\n  - name: a\n",
            "set s[0].with = { k = 'v' }",
            "s:\n  - name: a\n    with:\n      k: v\n",
        );
        check(
            "a:\n  b: 1\n",
            "set a.list = [{ x = 1, z = 2 }, { x = 3 }]",
            "a:\n  b: 1\n  list:\n    - x: 1\n      z: 2\n    - x: 3\n",
        );
        check("a:\n  b: 1\n", "set a.e = {}", "a:\n  b: 1\n  e: {}\n");
        check("a: 1\n", "set \"on\" = 'x'", "a: 1\n\"on\": x\n");
        check("<<: &m {}\nx: 1\n", "set z = 1", "<<: &m {}\nx: 1\nz: 1\n");
    }

    #[test]
    fn lists_grow_and_shrink() {
        check(
            "a:\n  - x\n  - y # c\nb: 1\n",
            "append a = 'z'",
            "a:\n  - x\n  - y # c\n  - z\nb: 1\n",
        );
        check("a:\n- 'x'", "append a = 'z'", "a:\n- 'x'\n- 'z'");
        check("a: [x, y]\n", "append a = 'z'", "a: [x, y, z]\n");
        check("a: [\n  x,\n  y\n]\n", "append a = 'z'", "a: [\n  x,\n  y,\n  z\n]\n");
        check("a:\nb: 1\n", "append a = 'z'", "a:\n  - z\nb: 1\n");
        check("a: []\n", "append a = '80:80'", "a: [\"80:80\"]\n");
        check("b: 1\n", "append a.c = 'z'", "b: 1\na:\n  c:\n    - z\n");
        check(
            "a:\n  - k: 1\n    l: 2\n",
            "append a = { k = 2, l = ['x'] }",
            "a:\n  - k: 1\n    l: 2\n  - k: 2\n    l:\n      - x\n",
        );
        check(
            "a:\n  - k: 1\n    l: 2\n",
            "append a = { l = 2, k = 1 }",
            "a:\n  - k: 1\n    l: 2\n",
        );
        check(
            "a:\n  # one\n  - x\n  # two\n  - y\n",
            "drop a = 'x'",
            "a:\n  # one\n  # two\n  - y\n",
        );
        check("a:\n  - x\nb: 1\n", "drop a = 'x'", "a: []\nb: 1\n");
        check("a:\n  - k:\n      - x # c\n", "drop a[0].k = 'x'", "a:\n  - k: []\n");
        check("a: [x, y]\n", "drop a = 'y'", "a: [x]\n");
        check("- x: 1\n- y\n", "remove [x=1]", "- y\n");
        check("- x: 1\n", "remove [x=1]", "[]\n");
    }

    #[test]
    fn keys_go() {
        check(
            "a: 1\nb:\n  c: 1\n  d: |\n    x\n\n  e: 2\nf: 1\n",
            "remove b.d",
            "a: 1\nb:\n  c: 1\n\n  e: 2\nf: 1\n",
        );
        check("a:\n  b: 1 # c\nd: 2\n", "remove a.b", "a: {}\nd: 2\n");
        check("s:\n  - name: a\n    run: x\n", "remove s[0].name", "s:\n  - run: x\n");
        check("s:\n  - name: a\n    run: x\n", "remove s[0].run", "s:\n  - name: a\n");
        check("s:\n  - name: a\n", "remove s[0].name", "s:\n  - {}\n");
        check("a: {b: 1, c: 2}\n", "remove a.b", "a: {c: 2}\n");
        check("a: 1\n", "remove a", "{}\n");
        check("a:\n  b:\nc: 1\n", "remove c", "a:\n  b:\n");
        check("a: 1", "remove x.y", "a: 1");
        check(
            "a:\n  b:\n    x: 1\n\n  c:\n    x: 1\n\nd: 1\n",
            "remove a.c",
            "a:\n  b:\n    x: 1\n\nd: 1\n",
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        refused("a: x\n", "set a.b = 1", "`a` is text, in line 1, and has to be a table");
        refused("a:\n  - x\n", "set a = 'y'", "`a` is a list, in line 2, and has to be text");
        refused(
            "a: 1\nb: 2\na: 3\n",
            "set a = 2",
            "`a` is there more than once, in line 1 and in line 3",
        );
        refused(
            "a: &x\n  b: 1\nc: *x\n",
            "set a.b = 2",
            "`a` is used elsewhere in the file as `*x`, in line 2 it is defined",
        );
        refused(
            "a: &x {b: 1}\nc: *x\n",
            "set c.b = 2",
            "`c` is an alias, in line 2, and has to be a table",
        );
        refused(
            "a: &x 1\nc: *x\n",
            "remove a",
            "`a` is used elsewhere in the file as `*x`, in line 1 it is defined",
        );
        refused(
            "? a\n: b\n",
            "remove a",
            "`a`, in line 2, is written in a way that cannot be edited in its place",
        );
        refused("s: []\n", "set s[name=x].run = 'y'", "`s` has no item `name=x`, in line 1");
    }
}

mod json {
    use super::{Format, check as check_in, refused as refused_in};

    #[track_caller]
    fn check(source: &str, text: &str, expected: &str) {
        check_in(Format::Json, source, text, expected);
    }

    #[test]
    fn values_change_in_their_place() {
        check("{\"a\": 1}", "set a = 'x\"'", "{\"a\": \"x\\\"\"}");
        check("{\n  \"a\": [1, 2], // c\n}\n", "set a = [3]", "{\n  \"a\": [3], // c\n}\n");
        check("{\"a\": null}", "set a.b = true", "{\"a\": {\"b\": true}}");
        check("[{\"n\": \"a\", \"v\": 1}]", "set [n=a].v = 1.5", "[{\"n\": \"a\", \"v\": 1.5}]");
    }

    #[test]
    fn new_keys_stand_with_their_object() {
        check("{}", "set a = 1", "{\"a\": 1}");
        check("{}\n", "set a.b = 1", "{\"a\": {\"b\": 1}}\n");
        check("{\"a\":1,\"b\":2}", "set c = [1]", "{\"a\":1,\"b\":2,\"c\":[1]}");
        check(
            "{\n\t\"a\": 1\n}\n",
            "set b.c = ['x']",
            "{\n\t\"a\": 1,\n\t\"b\": {\n\t\t\"c\": [\"x\"]\n\t}\n}\n",
        );
        check("{\n    \"a\": {}\n}", "set a.b = 1", "{\n    \"a\": {\n        \"b\": 1\n    }\n}");
        check("{\n  // c\n}\n", "set a = 1", "{\n  // c\n  \"a\": 1\n}\n");
        check("{\n  \"a\": 1 // c\n}\n", "set b = 1", "{\n  \"a\": 1, // c\n  \"b\": 1\n}\n");
    }

    #[test]
    fn lists_grow_and_shrink() {
        check(
            "{\n  \"a\": [\n    \"x\"\n  ]\n}\n",
            "append a = 'y'",
            "{\n  \"a\": [\n    \"x\",\n    \"y\"\n  ]\n}\n",
        );
        check(
            "{\n  \"a\": [\n    \"x\",\n    \"y\"\n  ]\n}\n",
            "drop a = 'y'",
            "{\n  \"a\": [\n    \"x\"\n  ]\n}\n",
        );
        check(
            "{\n  \"a\": [\n    \"x\" /* , */,\n    \"y\"\n  ]\n}\n",
            "drop a = 'x'",
            "{\n  \"a\": [\n    \"y\"\n  ]\n}\n",
        );
        check("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "remove b", "{\n  \"a\": 1\n}\n");
        check(
            "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 1\n  }\n}\n",
            "remove b",
            "{\n  \"a\": 1\n}\n",
        );
        check("{\"a\": 1}", "remove a", "{}");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        refused_in(
            Format::Json,
            "{\"a\": {}}",
            "append a = 1",
            "`a` is a table, in line 1, and has to be a list",
        );
        refused_in(Format::Json, "[", "set a = 1", "a value is missing");
        refused_in(
            Format::Json,
            "[1]",
            "set a = 1",
            "the whole file is a list, in line 1, and has to be a table",
        );
    }
}

mod generated {
    use proptest::prelude::*;
    use serde_json::{Map, Value as Json};

    use super::super::block::Indents;
    use super::*;

    fn scalar() -> impl Strategy<Value = Json> {
        prop_oneof![
            any::<bool>().prop_map(Json::from),
            (-99_i64..99).prop_map(Json::from),
            "[a-z \\n:#'\",\\[{&*!|>%@`-]{0,6}".prop_map(Json::from),
            Just(Json::from("yes")),
            Just(Json::from("1.0")),
        ]
    }

    fn value() -> impl Strategy<Value = Json> {
        scalar().prop_recursive(3, 20, 4, |inner| {
            let rows = prop::collection::btree_map("[a-e]|x y", inner.clone(), 0..4);
            prop_oneof![
                prop::collection::vec(scalar(), 0..4).prop_map(Json::from),
                prop::collection::vec(rows.clone().prop_map(object), 0..3).prop_map(Json::from),
                rows.prop_map(object),
            ]
        })
    }

    fn object(rows: impl IntoIterator<Item = (String, Json)>) -> Json {
        Json::Object(rows.into_iter().collect::<Map<_, _>>())
    }

    fn file() -> impl Strategy<Value = Json> {
        prop::collection::btree_map("[a-e]|x y", value(), 1..5).prop_map(object)
    }

    fn ours(value: &Json) -> Value {
        match value {
            Json::Null => Value::Null,
            Json::Bool(yes) => Value::Bool(*yes),
            Json::Number(number) => Value::Integer(number.as_i64().unwrap()),
            Json::String(text) => Value::Text(text.clone()),
            Json::Array(items) => Value::List(items.iter().map(ours).collect()),
            Json::Object(rows) => {
                Value::Map(rows.iter().map(|(key, it)| (key.clone(), ours(it))).collect())
            }
        }
    }

    /// Writes a file in one of the ways of a format.
    fn written(format: Format, file: &Json, way: usize) -> String {
        match (format, way) {
            (Format::Json, 0) => file.to_string(),
            (Format::Json, _) => {
                format!("// head\n{}\n", serde_json::to_string_pretty(file).unwrap())
            }
            (Format::Toml, 0) => ::toml::to_string(file).unwrap(),
            (Format::Toml, _) => {
                format!("# head\n{}# tail", ::toml::to_string_pretty(file).unwrap())
            }
            (Format::Yaml, 0) => format!("# head\n{file} # tail\n"),
            (Format::Yaml, _) => {
                let Value::Map(rows) = ours(file) else { panic!("{file}") };
                let row = |(key, it): &(String, Value)| {
                    format!("# above\n{}\n", write::yaml_row(key, it, 0, Indents::default()))
                };
                rows.iter().map(row).collect()
            }
        }
    }

    /// Makes the change of a value alone; `None` where it does not fit.
    fn model(file: &Json, keys: &[String], verb: usize, new: &Json) -> Option<Json> {
        let mut file = file.clone();
        let [above @ .., last] = keys else { return None };
        let mut node = &mut file;
        for key in above {
            if verb % 2 == 1 && node.get(key).is_none() {
                return node.is_object().then_some(file);
            }
            node = node.as_object_mut()?.entry(key).or_insert_with(|| object([]));
        }
        let rows = node.as_object_mut()?;
        let same_kind =
            |old: &Json| old.is_array() == new.is_array() && old.is_object() == new.is_object();
        match (verb, rows.get_mut(last)) {
            (0, Some(Json::Object(_))) => return None,
            (0, old) if old.as_ref().is_none_or(|old| same_kind(old)) => {
                rows.insert(last.clone(), new.clone());
            }
            (1, _) => drop(rows.shift_remove(last)),
            (2, Some(Json::Array(items))) if items.contains(new) => {}
            (2, Some(Json::Array(items))) => items.push(new.clone()),
            (2, None) => drop(rows.insert(last.clone(), Json::from(vec![new.clone()]))),
            (3, Some(Json::Array(items))) => items.retain(|it| it != new),
            (3, None) => {}
            _ => return None,
        }
        Some(file)
    }

    /// Leaves out what is empty: tables of TOML, and lists of them, are gone with all that they have.
    fn bare(value: Json) -> Json {
        let is_bare = |it: &Json| *it == object([]) || *it == Json::Array(Vec::new());
        let Json::Object(rows) = value else { return value };
        object(rows.into_iter().map(|(key, it)| (key, bare(it))).filter(|(_, it)| !is_bare(it)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn what_is_not_named_reads_as_before(
            file in file(),
            keys in prop::collection::vec("[a-f]|x y", 1..4),
            (verb, way) in (0_usize..4, 0_usize..2),
            new in value(),
        ) {
            let key = Key(keys.iter().cloned().map(Part::Key).collect());
            let change = match verb {
                0 => Change::Set(key, ours(&new)),
                1 => Change::Remove(key),
                2 => Change::Append(key, ours(&new)),
                _ => Change::Drop(key, ours(&new)),
            };
            let expected = model(&file, &keys, verb, &new);
            prop_assume!(expected.is_some() || verb != 0);
            for format in [Format::Toml, Format::Yaml, Format::Json] {
                let source = written(format, &file, way);
                let result = match changed(format, &source, &change) {
                    Ok(result) => result,
                    Err(Problem::Type { .. }) => continue,
                    // `[[x]]` takes tables only, and stands for no list that is set as a whole.
                    Err(Problem::Unsure { .. }) if source.contains("[[") => continue,
                    Err(problem) => panic!("{problem}: {change:?}\n{source}"),
                };
                let Some(expected) = &expected else {
                    prop_assert_eq!(result, source);
                    continue;
                };
                let read: Json = match format {
                    Format::Toml => ::toml::from_str(&result).unwrap(),
                    Format::Json => serde_json::from_str(result.strip_prefix("// head").unwrap_or(&result)).unwrap(),
                    Format::Yaml => {
                        let read = Document::read(format, &result).unwrap().root.value();
                        prop_assert_eq!(&read, &ours(expected));
                        continue;
                    }
                };
                prop_assert_eq!(bare(read), bare(expected.clone()), "{}\n{}", source, result);
            }
        }
    }
}
