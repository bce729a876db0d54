//! Whole-literal strings and mentions in other files follow.

use super::*;

const PACKAGES: &str = "//- a/__init__.py\n//- a/b.py\nf = 1\nclass C: pass\n//- x/__init__.py\n//- run.py\ndef go(): pass\n";
const B_TO_Y: &str = "a/b.py -> x/y.py";

#[test]
fn whole_literals() {
    check_use(
        PACKAGES,
        B_TO_Y,
        "mock.patch('a.b.f')\nmonkeypatch.setattr(\"a.b.C.x\", 1)\nT = {'a.b': 'a.b:C'}\n",
        "mock.patch('x.y.f')\nmonkeypatch.setattr(\"x.y.C.x\", 1)\nT = {'x.y': 'x.y:C'}\n",
    );
    check_use(
        PACKAGES,
        "a/ -> z/a/",
        "S = ['a.b', 'a.b.f', 'a']\n",
        "S = ['z.a.b', 'z.a.b.f', 'a']\n\
         ! use.py:1 says `a` (line 1), which may be the module that is now `z.a`\n",
    );
}

#[test]
fn what_only_looks_like_it() {
    let same = "'x'\nS = ['a.bc', 'xa.b', 'a.b.nothing', 'b', 'a.b c', 'a', 'run.sh', 'a.b:']\n";
    check_use(PACKAGES, B_TO_Y, same, same);
    check_use(
        PACKAGES,
        "run.py -> x/run.py",
        "S = 'run.go', 'run.sh'\n",
        "S = 'x.run.go', 'run.sh'\n",
    );
}

#[track_caller]
fn check_review(repository: &str, moves: &str, expected: &str) {
    check_as(repository, moves, Uses::Keep, Safety::Review, expected);
}

#[test]
fn mentions_are_offered() {
    let repository = "//- svc/gate/main.py\n//- svc/gate/Dockerfile\nCOPY main.py .\n//- docs/a.md\n[x](../svc/gate/main.py)\n\
         //- compose.yml\nbuild: ./svc/gate\ncommand: python svc/gate/main.py\nvolumes: [./svc/gate/data:/x]\n\
         //- CHANGELOG.md\nsvc/gate/main.py\n//- ci.sh\npython -m svc.gate.main # svc.gate.main\n";
    // What a format says is a path or a module is sure.
    check(
        repository,
        "svc/gate/ -> services/gateway/",
        "//- ci.sh\npython -m services.gateway.main # svc.gate.main\n\
         //- compose.yml\nbuild: ./services/gateway\ncommand: python services/gateway/main.py\nvolumes: [./services/gateway/data:/x]\n\
         //- docs/a.md\n[x](../services/gateway/main.py)\n",
    );
    check_review(
        repository,
        "svc/gate/ -> services/gateway/",
        "//- ci.sh\npython -m services.gateway.main # services.gateway.main\n\
         //- compose.yml\nbuild: ./services/gateway\ncommand: python services/gateway/main.py\nvolumes: [./services/gateway/data:/x]\n\
         //- docs/a.md\n[x](../services/gateway/main.py)\n",
    );
}

#[test]
fn talk_in_python_code_is_offered() {
    check_review(
        &format!(
            "{PACKAGES}//- use.py\n'''See a.b.f, not a.bc.'''\n# a.b\nX = 'import a.b\\n', 'a.b.f'\nimport a.b\n"
        ),
        B_TO_Y,
        "//- use.py\n'''See x.y.f, not a.bc.'''\n# x.y\nX = 'import x.y\\n', 'x.y.f'\nimport x.y\n",
    );
}

#[test]
fn docstrings_that_are_a_path_are_talk() {
    let repository = format!("{PACKAGES}//- use.py\n'a.b.f'\n");
    check(&repository, B_TO_Y, "");
    check_review(&repository, B_TO_Y, "//- use.py\n'x.y.f'\n");
}

#[test]
fn annotations_are_followed_once() {
    check_use(
        PACKAGES,
        B_TO_Y,
        "import a.b\ndef f(q: 'a.b.C', r: 'list[a.b.C]') -> \"a.b.C\": pass\n",
        "import x.y\ndef f(q: 'x.y.C', r: 'list[x.y.C]') -> \"x.y.C\": pass\n",
    );
    check_use(PACKAGES, B_TO_Y, "x: 'a.b.C'\n", "x: 'x.y.C'\n");
}

#[test]
fn one_word_is_followed_where_only_a_module_can_stand() {
    let repository = "//- pk/__init__.py\n//- pyproject.toml\n[project]\nname = \"pk\"\n\
         [project.scripts]\npk = \"pk:main\"\n[tool.setuptools]\npackages = [\"pk\"]\n\
         [tool.setuptools.package-data]\npk = [\"*.txt\"]\n//- use.py\nlog = getLogger('pk')\n\
         files = importlib.resources.files(\"pk\")\nsys.modules['pk']\nX = 'pk'\nY = 'pk', 'pk'\n//- ci.yml\npk: 1\npk: 2\n\
         pk: 3\npk: 4\npk: 5\n# pk\n//- README.md\npk\n";
    check(
        repository,
        "pk/ -> lib/pk/",
        "//- pyproject.toml\n[project]\nname = \"pk\"\n\
         [project.scripts]\npk = \"lib.pk:main\"\n[tool.setuptools]\npackages = [\"lib.pk\"]\n\
         [tool.setuptools.package-data]\n\"lib.pk\" = [\"*.txt\"]\n//- use.py\nlog = getLogger('lib.pk')\n\
         files = importlib.resources.files(\"lib.pk\")\nsys.modules['lib.pk']\nX = 'pk'\nY = 'pk', 'pk'\n\
         ! ci.yml:1 says `pk` (line 1, 2, 3 and 2 more), which may be the module that is now `lib.pk`\n\
         ! use.py:4 says `pk` (line 4, 5), which may be the module that is now `lib.pk`\n",
    );
}

#[test]
fn imports_in_strings_are_followed() {
    let check_string = |moves: &str, before: &str, after: &str| {
        check_use(PACKAGES, moves, before, after);
    };
    check_string(
        B_TO_Y,
        "p.writeline('from a.b import f')\nrun([\"-c\", \"import a.b; a.b.f()\"])\nX = 'from a.b import f\\nf()\\n'\n",
        "p.writeline('from x.y import f')\nrun([\"-c\", \"import x.y; x.y.f()\"])\nX = 'from x.y import f\\nf()\\n'\n",
    );
    check_string(
        B_TO_Y,
        "X = \"\"\"\n    import a.b\n    def g():\n        return a.b.f() + 'a.b'\n\"\"\"\n",
        "X = \"\"\"\n    import x.y\n    def g():\n        return x.y.f() + 'a.b'\n\"\"\"\n",
    );
    check_string(
        "a/b.py -> x/b.py",
        "X = 'from a import b, c'\nY = '''\n  from a import b, c\n  b.f()\n'''\nZ = 'from a import b, c\\nb.f()'\n",
        "X = 'from a import c; from x import b'\nY = '''\n  from a import c\n  from x import b\n  b.f()\n'''\n\
         Z = 'from a import c\\nfrom x import b\\nb.f()'\n",
    );
    check_string(
        "a/b.py -> x/b.py",
        "def g():\n    \"\"\"Talk of it.\n\n    >>> from a import b, c\n    >>> b.f(\n    ...   1)\n    2\n    \"\"\"\n",
        "def g():\n    \"\"\"Talk of it.\n\n    >>> from a import c\n    >>> from x import b\n    >>> b.f(\n    ...   1)\n    2\n    \"\"\"\n",
    );
    check_string(
        B_TO_Y,
        "X = '''\n% for it in x:\nfrom a.b import f\nfrom a.b import (\n    f,\n    C,\n)\n{{ it }}\nfrom . import b\n'''\n",
        "X = '''\n% for it in x:\nfrom x.y import f\nfrom x.y import (\n    f,\n    C,\n)\n{{ it }}\nfrom . import b\n'''\n",
    );
    check_string(
        B_TO_Y,
        "w('from a.b import ' + x)\nw(f'from a.b import {x}')\nw('from a.b import %s' % x)\n",
        "w('from x.y import ' + x)\nw(f'from x.y import {x}')\nw('from x.y import %s' % x)\n",
    );
    let same = "'''We import a.b here, or\nfrom a.b\nimport a.b as\n'''\nX = 'from a.bc import f', '% x\\nimport a.b\\n%'\n";
    check_string(B_TO_Y, same, same);
}
