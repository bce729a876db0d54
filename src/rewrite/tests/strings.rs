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
        "S = ['z.a.b', 'z.a.b.f', 'a']\n",
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
    check(repository, "svc/gate/ -> services/gateway/", "");
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
