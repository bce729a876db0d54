//! What is put on `sys.path`, and in which order.

use super::facts;
use crate::python::fixture::dedent;
use crate::python::model::PathSpot;

#[track_caller]
fn check_paths(source: &str, expected: &str) {
    let source = dedent(source);
    let inserts = facts(&source).path_inserts;
    let texts = inserts.iter().map(|it| {
        let mark = match it.spot {
            PathSpot::First => "",
            PathSpot::Second => "~",
            PathSpot::Last => "$",
        };
        format!("{}:{}{}{mark}", it.line, if it.from_file { "@" } else { "" }, it.folder)
    });
    assert_eq!(texts.collect::<Vec<_>>().join(" "), expected, "{source}");
}

#[test]
fn insertions_into_sys_path_are_folders() {
    check_paths(
        "
        import os, sys, os.path as osp
        from pathlib import Path
        sys.path.insert(0, 'lib')
        sys.path.append(os.path.dirname(__file__))
        sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        sys.path.insert(0, osp.join(osp.dirname(__file__), '..', 'lib'))
        sys.path[0:0] = [str(Path(__file__).parent / 'x' / 'y')]
        sys.path += [os.path.abspath('..'), '.']
        sys.path.extend([Path(__file__).resolve().parents[1].as_posix()])
        sys.path.insert(0, os.path.abspath(os.path.join(__file__, '..', os.pardir)))
        sys.path = [os.getcwd()] + sys.path
        sys.path.append(f'{os.path.dirname(__file__)}/src')
        sys.path.append(os.path.dirname(__file__) + '/src')
        sys.path.append('/usr/lib'), sys.path.append(__file__), sys.path.append(x)
        ",
        "11:. 10:@.. 7:@x/y 6:@../lib 5:@.. 3:lib 4:@.$ 8:..$ 8:.$ 9:@..$ 12:@src$ 13:@src$",
    );
}

#[test]
fn insertions_stand_in_the_order_of_the_search() {
    check_paths(
        "sys.path.insert(0, 'a')\nsys.path.insert(1, 'b')\nsys.path.insert(1, 'c')",
        "1:a 3:c 2:b",
    );
    check_paths(
        "sys.path.insert(1, 'a')\nsys.path.insert(1, 'b')\nsys.path.insert(0, 'c')",
        "3:c 2:b~ 1:a~",
    );
    check_paths(
        "sys.path.insert(1, 'a')\nsys.path.insert(9, 'b')\nsys.path.insert(-1, 'c')",
        "1:a~ 2:b~ 3:c$",
    );
    check_paths(
        "sys.path.insert(len(sys.path), 'a')\nsys.path[len(sys.path):] = ['b']",
        "1:a$ 2:b$",
    );
    check_paths("sys.path[0:0] = ['a', 'b']\nsys.path[1:1] = ['c', 'd']", "1:a 2:c 2:d 1:b");
    check_paths(
        "sys.path = ['a', *sys.path, 'b']\nsys.path[:] = ['c'] + sys.path + ['d']",
        "2:c 1:a 1:b$ 2:d$",
    );
    check_paths("sys.path = sys.path[:1] + ['a', 'b'] + sys.path[1:]", "1:a~ 1:b~");
    check_paths("import site\nsite.addsitedir('a')\nsys.path.append('b')", "2:a$ 3:b$");
}

#[test]
fn insertions_in_a_loop() {
    check_paths(
        "
        import os, sys
        from pathlib import Path
        HERE = Path(__file__).parent
        for name in ('a', 'b/c'):
            sys.path.insert(0, str(HERE / name))
        for name in ['d', os.path.join(os.path.dirname(__file__), 'e')]:
            full = os.path.abspath(name)
            if full not in sys.path:
                sys.path.append(full)
        sys.path[:0] = [os.path.join(HERE, it) for it in ('f', 'g')]
        sys.path.insert(0, name)
        for name in x:
            sys.path.insert(0, name)
        ",
        "10:@f 10:@g 5:@b/c 5:@a 9:d$ 9:@e$",
    );
}

#[test]
fn variables_that_hold_one_folder_are_followed() {
    check_paths(
        "
        import sys
        from pathlib import Path
        HERE = Path(__file__).parent
        ROOT = HERE.parent
        TWICE = ROOT
        TWICE = x
        SAME: Path = ROOT / 'same'
        if x:
            SAME = Path(__file__).parent.parent / 'same'
        sys.path.append(SAME)
        def f(HERE):
            sys.path.insert(0, str(ROOT / 'lib'))
            sys.path.insert(0, str(HERE))
            own = ROOT / 'own'
            sys.path.insert(0, own)
        sys.path.insert(0, TWICE)
        ",
        "15:@../own 12:@../lib 10:@../same$",
    );
}

#[track_caller]
fn check_starts(source: &str, expected: &str) {
    let source = dedent(source);
    let starts = facts(&source).starts;
    let texts = starts.iter().map(|it| {
        let own = if it.own_path { "!" } else { "" };
        format!("{}:{}{}{own}", it.line, if it.from_file { "@" } else { "" }, it.file)
    });
    assert_eq!(texts.collect::<Vec<_>>().join(" "), expected, "{source}");
}

#[test]
fn lists_that_begin_with_python_start_a_file() {
    check_starts(
        "
        import sys, subprocess as s, os.path
        from sys import executable as python
        HERE = os.path.dirname(__file__)
        s.run([sys.executable, 'a/b.py', 'c.py'])
        def later():
            COMMAND = python, '-u', '-OO', './d.py'
            s.Popen(args=['python3', os.path.join(HERE, '..', 'e.py')])
            s.call(['python', 'f.py'])
        ",
        "4:a/b.py 6:d.py 7:@../e.py 8:f.py",
    );
    check_starts("import sys\n[sys.executable, 'a.py'], {'PYTHONPATH': 'b'}", "2:a.py!");
    check_starts(
        "
        import sys
        [sys.executable, '-m', 'a.py'], [sys.executable, '-I', 'a.py'], [sys.executable, '-c', 'a.py']
        ['black', 'a.py'], [sys.executable], [sys.executable, x], [sys.executable, 'a'], ['python', '/a.py']
        [sys.executable, __file__], [sys.argv[0], 'a.py'], [x, sys.executable, 'a.py']
        ",
        "",
    );
}
