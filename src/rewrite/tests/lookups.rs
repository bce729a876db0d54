//! Packages that are looked into while the program runs.

use super::*;

const PLUGINS: &str =
    "//- p/__init__.py\n//- p/on/__init__.py\n//- p/on/a.py\n//- p/on/b.py\n//- q/__init__.py\n";

#[track_caller]
fn check_lookup(moves: &str, path: &str, source: &str, expected: &str) {
    check(&format!("{PLUGINS}//- {path}\n{source}"), moves, expected);
}

#[test]
fn a_package_that_went_whole_is_followed() {
    let use_py = |it: &str| format!("//- use.py\n{it}");
    let check_use = |moves, before: &str, after: &str| {
        check_lookup(moves, "use.py", before, &use_py(after));
    };
    check_use(
        "p/on/ -> q/on/",
        "import_module(f'p.on.{x}')\nimport_module('p.on.' + x)\nimport_module('p.on.%s' % x)\n",
        "import_module(f'q.on.{x}')\nimport_module('q.on.' + x)\nimport_module('q.on.%s' % x)\n",
    );
    check_use("p/ -> n/", "import_module(f'p.{x}')\n", "import_module(f'n.{x}')\n");
    check_use(
        "p/on/ -> q/on/",
        "import p.on\npkgutil.iter_modules(p.on.__path__)\n",
        "import q.on\npkgutil.iter_modules(q.on.__path__)\n",
    );
    check_lookup(
        "p/on/ -> p/to/",
        "p/use.py",
        "import_module(f'.on.{x}', __package__)\n",
        "//- p/use.py\nimport_module(f'.to.{x}', __package__)\n",
    );
}

#[test]
fn what_left_a_package_that_is_listed_is_told() {
    let told = |path: &str, line: u32| {
        format!(
            "! {path}:{line} looks for modules in `p/on` while it runs; `p/on/a.py` is now `q/a.py`\n"
        )
    };
    let check_told = |path: &str, source: &str| {
        let line = u32::try_from(source.lines().count()).unwrap();
        check_lookup("p/on/a.py -> q/a.py", path, source, &told(path, line));
    };
    check_told("use.py", "import_module(f'p.on.{x}')\n");
    check_told("p/on/c.py", "import_module(f'.{x}', __package__)\n");
    check_told("p/use.py", "from . import on\npkgutil.iter_modules(on.__path__)\n");
    check_told("p/use.py", "import os\nfor it in Path(__file__).parent.glob('on/*.py'): pass\n");
    check_lookup("p/on/a.py -> q/a.py", "use.py", "import_module(f'q.{x}')\n", "");
}

#[test]
fn what_import_gives_is_followed() {
    check_lookup(
        "p/on/a.py -> q/b.py",
        "use.py",
        "__import__('p.on.a').on.a.run()\n",
        "//- use.py\n__import__('q.b').b.run()\n",
    );
    check_lookup(
        "p/on/a.py -> q/b.py",
        "use.py",
        "x = __import__('p.on.a')\n",
        "//- use.py\nx = __import__('q.b')\n! use.py:1 `__import__(\"q.b\")` gives `q` where `p` was given\n",
    );
}

#[test]
fn packages_that_are_handed_on_are_told() {
    const CALL: &str = "importlib.import_module('p.on')";
    let told = |name: &str| {
        format!("! use.py:2 `{name}` is handed on here as a whole; `p/on/a.py` is now `q/a.py`\n")
    };
    let check_told = |source: &str, name: &str| {
        check_lookup("p/on/a.py -> q/a.py", "use.py", source, &told(name));
    };
    check_told("import p.on as it\ndef f(mod=it): return mod.a\n", "it");
    check_told("from p import on\nload(on); load(on)\n", "on");
    check_told("import p.on\nload(p.on)\n", "p.on");
    check_told("import importlib\nx = importlib.import_module('p.on')\nx.a()\n", CALL);
    let unused = "import importlib\nx = importlib.import_module('p.on')\nx.apart()\n";
    check_lookup("p/on/a.py -> q/a.py", "use.py", unused, "");
    let same = "import p\nload(p)\nfrom p import on\non.b\n";
    check_lookup("p/on/a.py -> q/a.py", "use.py", same, "");
    check_lookup(
        "p/on/ -> q/on/",
        "use.py",
        "from p import on\nload(on)\n",
        "//- use.py\nfrom q import on\nload(on)\n",
    );
}

#[test]
fn submodules_that_are_asked_for_are_followed_or_offered() {
    let check_review = |moves: &str, source: &str, expected: &str| {
        let repository = format!("{PLUGINS}//- use.py\n{source}");
        check_as(&repository, moves, Uses::Keep, Safety::Review, expected);
    };
    let source =
        "from p import on\nx = getattr(on, 'a')\nhasattr(on, \"a\")\ngetattr(on, 'a', None)\n";
    check_review(
        "p/on/a.py -> p/on/z.py",
        source,
        "//- use.py\nfrom p import on\nfrom p.on import z\nx = z\nhasattr(on, \"z\")\ngetattr(on, 'z', None)\n",
    );
    check_review(
        "p/on/a.py -> q/a.py",
        source,
        "//- use.py\nfrom p import on\nfrom q import a\nx = a\nhasattr(on, \"a\")\ngetattr(on, 'a', None)\n\
         ! use.py:3 `on.a` is now `q.a`\n! use.py:4 `on.a` is now `q.a`\n",
    );
}
