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
