//! `import_module` with dots: what they count from, and what becomes of it.

use super::*;

/// Checks what becomes of `import_module` in `p/s/m.py`, or in a file at another path.
#[track_caller]
fn check_call(file: &str, moves: &str, call: &str, expected: &str) {
    let place = |text: &str| format!("from importlib import import_module\ndef f():\n    {text}\n");
    let repository = format!(
        "//- p/__init__.py\n//- p/u.py\n//- p/s/__init__.py\n//- p/s/u.py\n//- x/__init__.py\n//- {file}\n{}",
        place(call)
    );
    let moved = tree(&repository);
    let now = super::moves(&moved, moves)
        .paths
        .get(&path(file))
        .map_or(file.to_owned(), |it| it.to_string());
    let expected = match expected.split_once("!") {
        Some(("", note)) => format!("! {now}:3 {note}\n"),
        _ if call == expected => String::new(),
        _ => format!("//- {now}\n{}", place(expected)),
    };
    check(&repository, moves, &expected);
}

#[test]
fn what_dots_count_from() {
    let check = |call: &str, expected: &str| {
        check_call("p/s/m.py", "p/s/u.py -> p/s/v.py", call, expected);
        check_call("p/s/m.py", "p/s/m.py -> p/s/k.py", call, call);
    };
    check("import_module('.u', __package__)", "import_module('.v', __package__)");
    check("import_module('..u', __name__)", "import_module('..v', __name__)");
    check("import_module('...u', __name__)", "import_module('...u', __name__)");
    let call = "import_module('.u', __name__.rpartition('.')[0])";
    check(call, &call.replace("'.u'", "'.v'"));
    let call = "import_module('.u', package=__name__.rsplit('.', 1)[0])";
    check(call, &call.replace("'.u'", "'.v'"));
    let call = "import_module('.s.u', __package__.rsplit('.', maxsplit=1)[0])";
    check(call, &call.replace("'.s.u'", "'p.s.v'"));
    check("import_module(__package__ + '.u')", "import_module(\"p.s.v\")");
    check("import_module(f'{__package__}.u')", "import_module(\"p.s.v\")");
}

#[test]
fn what_dots_count_from_in_a_package() {
    let check = |call: &str, expected: &str| {
        check_call("p/t/__init__.py", "p/u.py -> p/v.py", call, expected);
    };
    check("import_module('..u', __name__)", "import_module('..v', __name__)");
    check(
        "import_module('.u', __name__.rpartition('.')[0])",
        "import_module('.v', __name__.rpartition('.')[0])",
    );
}

#[test]
fn the_file_itself_moves() {
    let check = |call: &str, expected: &str| {
        check_call("p/s/m.py", "p/s/m.py -> p/m.py", call, expected);
    };
    check("import_module('..u', __name__)", "import_module('..s.u', __name__)");
    check("import_module('...u', __name__)", "import_module('..u', __name__)");
    check(
        "import_module('.u', __name__.rpartition('.')[0])",
        "import_module('.s.u', __name__.rpartition('.')[0])",
    );
    check("import_module(__package__ + '.u')", "import_module(\"p.s.u\")");
    check(
        "import_module('.u', k)",
        "!imports `u` from a package that is computed; this file moved",
    );
    check_call(
        "p/s/m.py",
        "p/s/m.py -> p/s/m/__init__.py",
        "import_module('..u', __name__)",
        "import_module('p.s.u', __name__)",
    );
}

#[test]
fn a_package_that_is_written_moves() {
    let check =
        |moves: &str, call: &str, expected: &str| check_call("use.py", moves, call, expected);
    check("p/s/ -> p/d/s/", "import_module('..u', 'p.s')", "import_module('...u', 'p.d.s')");
    check("p/s/ -> p/d/s/", "import_module('.u', 'p.s')", "import_module('.u', 'p.d.s')");
    check("p/s/ -> x/s/", "import_module('..u', 'p.s')", "import_module('p.u', 'x.s')");
    check("p/ -> q/", "import_module('.u', 'p')", "import_module('.u', 'q')");
    check("p/ -> q/", "import_module('..u', package='p.s')", "import_module('..u', package='q.s')");
    check("p/u.py -> x/v.py", "import_module('..u', 'p.s')", "import_module('x.v', 'p.s')");
}

#[test]
fn a_package_that_is_computed_is_told() {
    check_call(
        "use.py",
        "p/s/u.py -> p/s/v.py",
        "import_module('.s.u', package)",
        "!imports `s.u` from a package that is computed; `p/s/u.py` is now `p/s/v.py`",
    );
    check_call(
        "use.py",
        "p/u.py -> p/v.py",
        "import_module('.s.u', package)",
        "import_module('.s.u', package)",
    );
}
