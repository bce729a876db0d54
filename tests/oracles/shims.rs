//! Python itself judges shims: packages of its own library move, and their old names hand on all that
//! the new ones have.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use overhaul::facts::Memo;
use overhaul::path::Patterns;
use overhaul::plan::{Base, Options, plan};
use overhaul::playbook::{self, Inputs, Unset};
use overhaul::tree::{Id, Memory};
use overhaul::verify::{CommitPer, Rules, prove};
use serde_json::json;

use super::moved::{dotted, write};
use crate::support::Repo;

const DAY: &str = "20261121";

/// With lists of names, star imports, a `__getattr__`, names that are made while they run.
const PACKAGES: [&str; 7] =
    ["asyncio", "concurrent", "email", "json", "logging", "unittest", "xml"];

/// What no library writes.
const ODD: [(&str, &str); 4] = [
    ("odd/__init__.py", "from .names import *\n"),
    ("odd/names.py", "_moved = 1\n_moved_ = 2\n_warnings = _typing = object()\nname = it = 3\n"),
    (
        "odd/lazy.py",
        "def __getattr__(name):\n    if name == 'late': return 1\n    raise AttributeError(name)\n\ndef __dir__():\n    return ['late']\n",
    ),
    (
        "odd/all.py",
        "__all__ = ['_private', 'Public']\n_private = 1\nhidden = 2\nclass Public: ...\n__version__ = '1'\n",
    ),
];

#[test]
fn a_shim_hands_on_what_the_new_module_has() {
    let (_, library) = super::library();
    let json_init = library.iter().find(|it| it.ends_with("json/__init__.py")).unwrap();
    let top = json_init.parent().and_then(Path::parent).unwrap();
    let below = |path: &Path| Some(path.strip_prefix(top).ok()?.to_str()?.to_owned());
    let files = library.iter().filter_map(|path| Some((below(path)?, path)));
    let files = files.filter(|(it, _)| PACKAGES.contains(&it.split('/').next().unwrap()));
    let mut texts: BTreeMap<String, String> = files
        .map(|(it, path)| (format!("own/{it}"), std::fs::read_to_string(path).unwrap()))
        .collect();
    texts.extend(ODD.map(|(path, text)| (format!("own/{path}"), text.to_owned())));
    texts.insert("own/__init__.py".to_owned(), String::new());

    let step = "kind = \"move\"\nshim = true\nremoved-in = \"2.0\"";
    let steps = PACKAGES
        .iter()
        .chain(&["odd"])
        .map(|it| format!("[[step]]\n{step}\nfrom = \"own/{it}\"\nto = \"own/core/new_{it}\"\n"));
    let text = format!("name = \"shims\"\n{}", steps.collect::<String>());
    let inputs = Inputs { set: &[], date: DAY, unset: Unset::IsMistake };
    let playbook = playbook::read("shims.toml", text.as_bytes(), &inputs).unwrap();
    let rows = texts.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let snapshot = Memory::texts(rows).unwrap();
    let base = Base { commit: Id::from_bytes([1; 20]), date: DAY.to_owned(), snapshot };
    let planned = plan(&base, &playbook, &Options::default(), &Arc::new(Memo::default())).unwrap();
    let rules = Rules { cycles_fail: true, frozen: Patterns::default() };
    let verified = prove(planned, CommitPer::Run, &rules)
        .unwrap()
        .unwrap_or_else(|it| panic!("{:?}", it.proof));

    let scratch = tempfile::tempdir().unwrap();
    write(&verified.plan().after, scratch.path());
    let modules: BTreeMap<String, String> = texts
        .keys()
        .filter(|it| *it != "own/__init__.py" && !it.ends_with("__main__.py"))
        .map(|it| (dotted(it), dotted(&it.replacen("own/", "own/core/new_", 1))))
        .collect();
    let asked = json!({"root": scratch.path(), "modules": modules}).to_string();
    let answer = &super::ask("shims.py", &asked)[0];
    let mut differences = Vec::new();
    for (old, said) in answer.as_object().unwrap() {
        let faults = said.as_array().into_iter().flatten();
        differences.extend(faults.map(|it| format!("{old}: {it}")));
    }
    super::report(&differences);
    let fine = answer.as_object().unwrap().values().filter(|it| it.is_array()).count();
    assert!(fine > 80, "{fine} of {} could be asked", modules.len());
}

#[test]
fn a_module_hands_on_the_names_that_left_it() {
    let step = |to: &str, name: &str, more: &str| {
        format!(
            "[[step]]\nkind = 'move-symbols'\nfrom = 'p/helpers.py'\nto = '{to}'\nnames = ['{name}']\n\
             shim = true\n{more}"
        )
    };
    let end = "removed-in = '2.0'\n";
    let repo = Repo::new()
        .files([
            ("p/__init__.py", ""),
            ("p/helpers.py", "def one():\n    return 1\n\n\nTWO = object()\n\n\nSTAYS = 3\n"),
            (".gitignore", "__pycache__/\n"),
        ])
        .commit("base")
        .playbook(&format!(
            "name = 'parts'\n{}{}",
            step("p/first.py", "one", end),
            step("p/parts/second.py", "TWO", end)
        ));
    let _ = repo.run(["apply", "--yes", "--switch", "../play.toml"]).exit(0);
    let asks = r#"
import warnings
import p.helpers
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    from p.helpers import STAYS, TWO, one
    assert p.helpers.TWO is TWO
import p.first, p.parts.second
assert one is p.first.one and TWO is p.parts.second.TWO
assert not hasattr(p.helpers, "other")
print(told[0].category.__name__, told[0].filename, told[0].lineno, told[0].message)
print(len(told))
"#;
    let output = repo.command("python3", &repo.root()).args(["-c", asks]).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "DeprecationWarning <string> 6 `p.helpers.TWO` is now `p.parts.second.TWO`, and will be removed in 2.0\n3\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
