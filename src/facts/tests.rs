//! Resolution over small trees in memory: what each import leads to.

use super::*;
use crate::python::Target;
use crate::tree::{Memory, Mode};

/// Indexes a tree that is written as `# path` lines, each followed by its text.
fn facts(tree: &str) -> Facts {
    facts_with(tree, &Settings::default())
}

fn facts_with(tree: &str, settings: &Settings) -> Facts {
    let files = tree.split("#- ").skip(1).map(|file| file.split_once('\n').unwrap());
    let tree = Tree::new(Memory::texts(files).unwrap());
    Facts::index(&tree, settings, &Memo::default()).unwrap()
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

/// Writes what each import of `file` leads to, a line each.
fn shown(facts: &Facts, file: &str) -> String {
    let file = path(file);
    let mut out = String::new();
    for import in &facts.files()[&file].imports {
        let module = ".".repeat(import.level as usize) + &import.module;
        let found = facts.find(&file, import.level, &import.module);
        match (&import.target, &found) {
            (Target::Names(names), Found::Module(module_found)) => {
                for name in names {
                    let member = match facts.member(module_found, &name.name) {
                        Member::Definition { file, name } => format!("{file}:{name}"),
                        Member::Module(module) => shown_module(&module),
                        other @ (Member::External | Member::Assumed | Member::Missing) => {
                            format!("{other:?}").to_lowercase()
                        }
                    };
                    out += &format!("{module}:{} = {member}\n", name.name);
                }
            }
            (_, Found::Module(found)) => out += &format!("{module} = {}\n", shown_module(found)),
            (_, Found::Missing { prefix }) => out += &format!("{module} fails after `{prefix}`\n"),
            _ => out += &format!("{module} = {}\n", format!("{found:?}").to_lowercase()),
        }
    }
    out
}

fn shown_module(module: &Module) -> String {
    match module {
        Module::File(path) => path.to_string(),
        Module::Namespace(portions) => format!("{portions:?}"),
    }
}

#[track_caller]
fn check(tree: &str, expected: &str) {
    assert_eq!(shown(&facts(tree), "main.py"), expected);
}

#[test]
fn a_package_comes_before_a_module_before_a_namespace() {
    check(
        "#- main.py\nimport a, b.x, c\n#- a.py\n#- a/__init__.py\n#- b/x.py\n#- c.py\n#- c/d.py\n",
        "a = a/__init__.py\nb.x = b/x.py\nc = c.py\n",
    );
}

#[test]
fn what_is_put_on_the_path_later_hides_nothing_before() {
    check(
        "#- main.py\nimport a.x, b\nimport sys\nsys.path.append('a')\nsys.path.append('c')\n\
         #- a/a.py\n#- a/x.py\n#- b.py\n#- c/b.py\n",
        "a.x = a/x.py\nb = b.py\nsys = stdlib\n",
    );
}

#[test]
fn where_nothing_is_found_the_name_decides() {
    check(
        "#- main.py\nimport os.path, yaml, numpy, a.b, a.b.c, data\n#- a/__init__.py\n\
         #- requirements.txt\nPyYAML\n#- data/x.csv\n",
        "os.path = stdlib\nyaml = thirdparty\nnumpy = undeclared\na.b fails after `a`\n\
         a.b.c fails after `a`\ndata = undeclared\n",
    );
}

#[test]
fn reexports_end_in_a_definition_or_nowhere() {
    check(
        "#- main.py\nfrom a import f, g, h, sub, b, up, __name__\n#- a/__init__.py\n\
         from .b import f as f, g\nfrom . import b\nfrom a import h\nfrom os import sep as up\n\
         #- a/b.py\nfrom .sub import *\nfrom . import g\n#- a/sub.py\ndef f(): pass\n",
        "a:f = a/sub.py:f\na:g = missing\na:h = missing\na:sub = a/sub.py\na:b = a/b.py\n\
         a:up = external\na:__name__ = external\n",
    );
}

#[test]
fn star_imports_go_by_all_or_by_underscore() {
    check(
        "#- main.py\nfrom a import x, _y, z\nfrom b import x, _y, z\n#- a.py\nfrom c import *\n\
         #- b.py\nfrom d import *\n#- c.py\nx = _y = z = 1\n#- d.py\n__all__ = ['_y']\nx = _y = z = 1\n",
        "a:x = c.py:x\na:_y = missing\na:z = c.py:z\nb:x = missing\nb:_y = d.py:_y\nb:z = missing\n",
    );
}

#[test]
fn what_a_star_brings_in_may_be_taken_away() {
    check(
        "#- main.py\nfrom a import x, y\nfrom b import x\nfrom c import x\nfrom d import x\n\
         #- a.py\nfrom e import *\ndel x\n#- b.py\ndel x\nfrom e import *\n\
         #- c.py\nfrom e import *\nif y: del x\n#- d.py\nfrom e import *\ndel x\nx = 2\n\
         #- e.py\nx = y = 1\n",
        "a:x = missing\na:y = e.py:y\nb:x = e.py:x\nc:x = e.py:x\nd:x = d.py:x\n",
    );
}

#[test]
fn what_no_python_3_runs_binds_nothing() {
    check(
        "#- main.py\nfrom a import x, y, z\nfrom b import x, y, z\nfrom c import x, y\n\
         #- a.py\nimport sys\nif sys.version_info >= (3,):\n    x = 1\nelif w:\n    y = 1\n\
         else:\n    from os import sep as z\n\
         #- b.py\nimport sys\nif sys.version_info[0] == 2: x = 1\nelif sys.version_info < (3, 99): y = 1\n\
         else: z = 1\n\
         #- c.py\nimport six\nif six.PY2: x = 1\nelse: y = 1\n",
        "a:x = a.py:x\na:y = missing\na:z = missing\nb:x = missing\nb:y = b.py:y\nb:z = b.py:z\n\
         c:x = missing\nc:y = c.py:y\n",
    );
}

#[test]
fn a_finder_may_find_anything() {
    check(
        "#- main.py\nimport a.x, b.x\n#- a/__init__.py\nimport sys\nsys.meta_path.append(f())\n\
         #- b/__init__.py\ndef f(it):\n    it.meta_path = 1\n",
        "a.x = assumed\nb.x fails after `b`\n",
    );
}

#[test]
fn a_pyw_is_a_script_and_no_module() {
    let facts = facts(
        "#- tool.pyw\nimport app, other\n#- app.py\nimport tool\nimport other\n#- other.pyw\n\
         #- other.py\nx = 1\n",
    );
    assert_eq!(shown(&facts, "tool.pyw"), "app = app.py\nother = other.py\n");
    assert_eq!(shown(&facts, "app.py"), "tool = undeclared\nother = other.py\n");
    assert!(facts.started().contains(&path("tool.pyw")));
    assert_eq!(facts.name_for(&path("app.py"), &path("other.pyw")), None);
}

#[test]
fn relative_imports_stay_in_their_package() {
    let facts = facts(
        "#- a/b/c.py\nfrom . import d, e\nfrom .. import f\nfrom ... import a\nfrom .d.g import h\n\
         #- a/__init__.py\nf = 1\n#- a/b/__init__.py\n#- a/b/d.py\n",
    );
    assert_eq!(
        shown(&facts, "a/b/c.py"),
        ".:d = a/b/d.py\n.:e = missing\n..:f = a/__init__.py:f\n... fails after ``\n\
         .d.g fails after `.d`\n",
    );
}

#[test]
fn scripts_find_their_siblings_and_packages_do_not() {
    let facts = facts(
        "#- tools/run.py\nimport near\nif __name__ == '__main__': pass\n#- tools/near.py\n\
         #- tools/lib/__init__.py\n#- tools/lib/x.py\nimport near, y\n#- tools/lib/y.py\n",
    );
    assert_eq!(shown(&facts, "tools/run.py"), "near = tools/near.py\n");
    assert_eq!(shown(&facts, "tools/lib/x.py"), "near = tools/near.py\ny = undeclared\n");
}

#[test]
fn a_module_with_a_main_block_finds_its_siblings_in_a_package_too() {
    let facts = facts(
        "#- a/__init__.py\n#- a/run.py\nimport near, json\nif __name__ == '__main__': pass\n\
         #- a/near.py\n#- a/json.py\n",
    );
    assert_eq!(shown(&facts, "a/run.py"), "near = a/near.py\njson = stdlib\n");
}

#[test]
fn roots_come_from_configuration_and_habit() {
    let facts = facts(
        "#- pyproject.toml\n[tool.setuptools.packages.find]\nwhere = ['lib']\n#- lib/a/__init__.py\n\
         #- src/b/__init__.py\n#- tests/test_x.py\nimport a, b, helper\n#- tests/helper.py\n\
         #- services/s/pyproject.toml\n[project]\nname = 's'\n#- services/s/src/s/__init__.py\n\
         #- services/s/src/s/x.py\nimport s.y, a\n#- services/s/src/s/y.py\n",
    );
    assert_eq!(
        shown(&facts, "tests/test_x.py"),
        "a = lib/a/__init__.py\nb = src/b/__init__.py\nhelper = tests/helper.py\n"
    );
    assert_eq!(
        shown(&facts, "services/s/src/s/x.py"),
        "s.y = services/s/src/s/y.py\na = lib/a/__init__.py\n"
    );
    assert_eq!(facts.name_for(&path("tests/test_x.py"), &path("lib/a")).as_deref(), Some("a"));
    let names = facts.names_of(&path("src/b/__init__.py"));
    assert_eq!(names, ["b", "src.b"]);
}

#[test]
fn edges_say_who_imports_what() {
    let facts =
        facts("#- main.py\nimport a.b\nfrom a import b, f\n#- a/__init__.py\nf = 1\n#- a/b.py\n");
    let edges: Vec<String> = facts
        .edges()
        .map(|edge| format!("{}→{}:{:?}", edge.from, edge.to, edge.name.as_deref()))
        .collect();
    assert_eq!(
        edges,
        ["main.py→a/b.py:None", "main.py→a/b.py:None", "main.py→a/__init__.py:Some(\"f\")"]
    );
    assert_eq!(facts.users(&path("a/b.py")).count(), 2);
    assert_eq!(facts.users(&path("main.py")).count(), 0);
}

#[test]
fn what_a_build_makes_is_granted() {
    check(
        "#- main.py\nimport a._fast, a._made, a._version, a.gone, x_pb2\nfrom a import _fast\n\
         #- a/__init__.py\n#- a/_fast.c\n#- proto/x.proto\n#- pyproject.toml\n[tool.hatch.build.hooks.vcs]\n\
         version-file = 'a/_version.py'\n#- meson.build\npy.extension_module('_made', 'x.c')\n",
        "a._fast = assumed\na._made = assumed\na._version = assumed\na.gone fails after `a`\n\
         x_pb2 = assumed\na:_fast = assumed\n",
    );
}

#[test]
fn the_code_tells_what_must_be_on_the_path() {
    let tree = "#- backend/main.py\nfrom routers import users\n#- backend/routers/users.py\n\
                from models.user import User\nimport routers.gone\n#- backend/models/user.py\n\
                class User: pass\n";
    assert_eq!(
        shown(&facts(tree), "backend/routers/users.py"),
        "models.user:User = backend/models/user.py:User\nrouters.gone fails after `routers`\n"
    );
    let outside = format!("{tree}#- tests/test_a.py\nimport models.user, routers.users\n");
    assert_eq!(
        shown(&facts(&outside), "backend/routers/users.py"),
        "models.user = undeclared\nrouters.gone = undeclared\n"
    );
    let inserted = outside + "#- tests/conftest.py\nimport sys\nsys.path.insert(0, 'backend')\n";
    assert_eq!(
        shown(&facts(&inserted), "tests/test_a.py"),
        "models.user = backend/models/user.py\nrouters.users = backend/routers/users.py\n"
    );
    assert_eq!(
        shown(&facts(&inserted), "backend/routers/users.py"),
        "models.user:User = backend/models/user.py:User\nrouters.gone fails after `routers`\n"
    );
}

/// Indexes a tree with links; `main.py` is its first file.
fn with_links(main: &str, links: &[(&str, &str)], files: &[(&str, &str)]) -> Facts {
    let links = links.iter().map(|(path, to)| (*path, Mode::Link, *to));
    let files = files.iter().map(|(path, text)| (*path, Mode::File, *text));
    let all = links.chain(files).chain([("main.py", Mode::File, main)]);
    let all = all.map(|(path, mode, text)| (path, mode, text.as_bytes()));
    let tree = Tree::new(Memory::snapshot(all).unwrap());
    Facts::index(&tree, &Settings::default(), &Memo::default()).unwrap()
}

#[test]
fn what_is_outside_is_granted() {
    let files = [
        ("main.py", Mode::File, "import linked, folder.x, lib.y, gone.z\n"),
        ("linked.py", Mode::Link, "../main.py"),
        ("folder", Mode::Link, "/usr/lib"),
        ("lib", Mode::Submodule, ""),
    ];
    let files = files.map(|(path, mode, text)| (path, mode, text.as_bytes()));
    let tree = Tree::new(Memory::snapshot(files).unwrap());
    let facts = Facts::index(&tree, &Settings::default(), &Memo::default()).unwrap();
    assert_eq!(
        shown(&facts, "main.py"),
        "linked = assumed\nfolder.x = assumed\nlib.y = assumed\ngone.z = undeclared\n"
    );
}

#[test]
fn a_link_is_what_it_leads_to() {
    let facts = with_links(
        "import lnk.util, lnk.nope, lnk.sub.b\nfrom lnk import util, nope\nfrom ul import f, g\n\
         from app.alias import f, g\nimport app.gone, plug.c\nfrom plug import util, x\n\
         import notes\nfrom far import x\nimport env.x, far.y\n",
        &[
            ("far/__init__.py", "/opt/far.py"),
            ("env", "venv/lib"),
            ("lnk", "app"),
            ("ul.py", "app/util.py"),
            ("app/alias.py", "util.py"),
            ("app/gone.py", "../away/x.py"),
            ("plug/__init__.py", "../app/__init__.py"),
            ("plug/util.py", "../app/util.py"),
            ("notes.txt", "app"),
        ],
        &[
            ("app/__init__.py", ""),
            ("app/util.py", "def f(): pass\n"),
            ("app/sub/b.py", "from ..util import f\n"),
            ("far/y.py", ""),
            ("venv/pyvenv.cfg", ""),
            ("venv/lib/x.py", ""),
        ],
    );
    assert_eq!(
        shown(&facts, "main.py"),
        "lnk.util = app/util.py\nlnk.nope fails after `lnk`\nlnk.sub.b = app/sub/b.py\n\
         lnk:util = app/util.py\nlnk:nope = missing\nul:f = app/util.py:f\nul:g = missing\n\
         app.alias:f = app/util.py:f\napp.alias:g = missing\napp.gone fails after `app`\n\
         plug.c = assumed\nplug:util = app/util.py\nplug:x = assumed\nnotes = undeclared\n\
         far:x = assumed\nenv.x = assumed\nfar.y = far/y.py\n"
    );
}

#[test]
fn a_path_may_lead_through_a_link() {
    let facts = with_links(
        "import sys\nsys.path.insert(0, 'src')\nsys.path.insert(0, 'lnk/deep')\nimport pkg.util, tool\n",
        &[("src/pkg", "../lib/pkg"), ("lnk", "lib/tools")],
        &[("lib/pkg/__init__.py", ""), ("lib/pkg/util.py", ""), ("lib/tools/deep/tool.py", "")],
    );
    assert_eq!(
        shown(&facts, "main.py"),
        "sys = stdlib\npkg.util = lib/pkg/util.py\ntool = lib/tools/deep/tool.py\n"
    );
}

#[test]
fn a_chain_of_any_length_ends() {
    let chain = (0..5000).map(|at| format!("#- m{at}.py\nfrom m{} import x\n", at + 1));
    let tree =
        format!("#- main.py\nfrom m4990 import x\nfrom m0 import x\n{}", chain.collect::<String>());
    check(&tree, "m4990:x = external\nm0:x = assumed\n");
}

#[test]
fn star_names_are_those_that_python_would_take() {
    let facts = facts(
        "#- a.py\nfrom b import *\nfrom ring import *\nx = _x = 1\n#- b.py\n__all__ = ['y', '_y']\n\
         y = _y = z = 1\n#- ring.py\nfrom a import *\nr = 1\n#- dark.py\n__all__ = made()\n\
         #- p/__init__.py\nfrom .sub import v\n#- p/sub.py\nv = 1\n",
    );
    let names = |at: &str| {
        let names = facts.star_names(&Module::File(path(at)));
        names.map(|names| names.iter().cloned().collect::<Vec<_>>().join(" "))
    };
    assert_eq!(names("a.py").as_deref(), Some("r x y"));
    assert_eq!(names("b.py").as_deref(), Some("_y y"));
    assert_eq!(names("p/__init__.py").as_deref(), Some("sub v"));
    assert_eq!(names("dark.py"), None);
}

#[test]
fn a_stub_may_have_newer_syntax_than_the_code() {
    let settings = Settings { target: Some((3, 9)), ..Settings::default() };
    let text = "#- a.py\ntype A = int\n#- b.pyi\ntype A = int\nimport a\n";
    let facts = facts_with(text, &settings);
    let parsed = |it: &str| facts.files()[&path(it)].status == crate::python::Status::Parsed;
    assert_eq!((parsed("a.py"), parsed("b.pyi")), (false, true));
}

#[test]
fn a_shebang_tells_python_where_no_extension_does() {
    let files = [
        ("bin/go", "#!/usr/bin/env python3\nimport pkg\n"),
        ("bin/run", "#!/bin/sh\nimport pkg\n"),
        ("bin/go.txt", "#!/usr/bin/env python3\nimport pkg\n"),
        ("pkg.py", ""),
    ];
    let tree = Tree::new(Memory::texts(files).unwrap());
    let facts = Facts::index(&tree, &Settings::default(), &Memo::default()).unwrap();
    let found: Vec<String> = facts.files().keys().map(ToString::to_string).collect();
    assert_eq!(found, ["bin/go", "pkg.py"]);
    assert!(facts.roots().iter().any(|it| it.folder.to_string() == "bin"));
}

#[test]
fn a_package_may_be_installed_under_another_name() {
    let table = "[tool.setuptools.package-dir]\nacme = 'code'\n'acme.core' = 'core_code'\n";
    let tree = format!(
        "#- pyproject.toml\n{table}#- code/__init__.py\n#- code/a.py\nfrom acme.core import c\n\
         from .core import c\nimport acme.a\n#- core_code/__init__.py\n#- core_code/c.py\n"
    );
    let facts = facts(&tree);
    let code = path("code/a.py");
    let file = |it: &str| Found::Module(Module::File(path(it)));
    for (level, module, found) in [
        (0, "acme.core", file("core_code/__init__.py")),
        (1, "core", file("core_code/__init__.py")),
        (0, "acme.core.c", file("core_code/c.py")),
        (0, "acme.a", file("code/a.py")),
        (0, "acme.gone", Found::Missing { prefix: "acme".to_owned() }),
    ] {
        assert_eq!(facts.find(&code, level, module), found, "{module}");
    }
    assert_eq!(facts.renamed(&path("core_code/c.py")), Some("acme.core"));
    let made = "#- pyproject.toml\n[tool.setuptools]\next-modules = [{ name = 'acme._fast' }]\n\
                [tool.setuptools.package-dir]\nacme = 'code'\n#- code/__init__.py\n";
    assert_eq!(self::facts(made).find(&code, 0, "acme._fast"), Found::Assumed);
    let root = "#- pyproject.toml\n[tool.setuptools.package-dir]\nacme = '.'\n\
                #- __init__.py\n#- a.py\nimport acme.b\n#- b.py\n#- c.py\nfrom . import a\n";
    let facts = self::facts(root);
    assert_eq!(facts.find(&path("a.py"), 0, "acme.b"), file("b.py"));
    assert_eq!(facts.renamed(&path("b.py")), Some("acme"));
    assert_eq!(facts.renamed(&path("c.py")), None);
}
