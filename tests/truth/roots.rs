//! Modules: where Python looks, and in which order.

use super::check;

#[test]
fn packages_modules_and_namespaces() {
    check(
        "#- a/__init__.py\nx = 1\n#- a/sub.py\ns = 1\n#- a.py\ny = 1\n#- n/sub.py\ns = 1\n#- n/deep/er.py\n#- m.py\n\
         #- m/sub.py\n#- data/x.txt\n",
        "+ from a import x, sub
         - from a import y
         + import a.sub, n.sub, n.deep.er, n
         + from n import sub, deep
         - from n import gone
         - import n.gone
         - import m.sub
         - import a.gone
         - import a.sub.deeper
         - import a.x
         - import gone
         - from gone import x
         - from n.gone import x",
    );
}

#[test]
fn relative_imports() {
    check(
        "#- p/__init__.py\ntop = 1\n#- p/a.py\nv = 1\n#- p/q/__init__.py\n#- p/q/b.py\n#- n/m/c.py\n#- n/d.py\n",
        "+ [p] from . import a, q, top
         - [p] from . import gone
         + [p] from .a import v
         - [p] from .a import w
         - [p] from .gone import v
         - [p] from .. import a
         + [p/q] from .. import a, top
         + [p/q] from ..a import v
         + [p/q] from . import b
         - [p/q] from ... import p
         - [p/q] from ..gone import v
         - [p/q] from ..q.b import v
         + [n/m] from . import c
         + [n/m] from .. import d, m
         - [n/m] from .. import gone
         - from . import p
         - from .p import a",
    );
}

#[test]
fn imports_within_a_package_are_absolute() {
    check(
        "#- p/__init__.py\n#- p/a.py\n#- q/__init__.py\nfrom . import a\n#- q/a.py\n\
         #- r/__init__.py\nfrom . import gone\n",
        "- [p] import a
         + from q import a
         + [q] import q.a
         - from r import gone",
    );
}

#[test]
fn scripts_see_their_own_folder() {
    check(
        "#- tools/near.py\nv = 1\n#- tools/lib/__init__.py\n#- tools/lib/x.py\n#- far.py\n",
        "+ [tools!] import near, lib.x
         + [tools!] from near import v
         - [tools!] from near import w
         - [tools!] import lib.gone
         - [tools!] import nowhere
         + [!] import far, tools.near
         - [!] import tools.gone",
    );
}

#[test]
fn what_a_command_starts_sees_its_own_folder() {
    check(
        "#- s/__init__.py\n#- s/mon.py\nv = 1\n#- s/queue.py\nown = 1\n#- s/sub/__init__.py\n#- s/sub/x.py\n#- far.py\n",
        "+ [s$] import mon, sub.x
         + [s$] from mon import v
         + [s$] from queue import own
         - [s$] from mon import w
         - [s$] import sub.gone
         - [s$] import nowhere.x
         - [s$] from queue import Queue
         - [s] import mon
         + [s] from queue import Queue",
    );
}

#[test]
fn what_code_starts_sees_its_own_folder() {
    check(
        "#- s/__init__.py\n#- s/mon.py\nv = 1\n#- s/queue.py\nown = 1\n",
        "+ [s%] import mon
         + [s%] from queue import own
         - [s%] from mon import w
         - [s%] import nowhere.x
         - [s] import mon
         + [s] from queue import Queue",
    );
}

#[test]
fn tests_see_the_folder_above_their_package() {
    check(
        "#- app/__init__.py\n#- tests/helper.py\nv = 1\n#- tests/unit/__init__.py\n#- tests/unit/more.py\n\
         #- tests/inner/__init__.py\n#- tests/conftest.py\n",
        "+ [tests?] import helper, app
         + [tests?] from helper import v
         - [tests?] from helper import w
         + [tests/unit?] import helper, unit.more
         + [tests/unit?] from . import more
         - [tests/unit?] from . import gone
         - [tests/unit?] import more
         - [tests/inner?] from inner import gone",
    );
}

#[test]
fn the_standard_library_comes_before_a_namespace() {
    check(
        "#- email/mine.py\n#- email/mime/own.py\n#- email/mime/text.py\n#- logging/handlers.py\n#- xml/etree/x.py\n\
         #- queue/worker.py\n#- json/__init__.py\nown = 1\n#- sys/__init__.py\nown = 1\n#- concurrent/futures/__init__.py\n",
        "+ import email.message
         - import email.mine
         + import email.mime, email.mime.text, concurrent.futures
         + import logging.handlers, xml.etree
         + from logging.handlers import RotatingFileHandler
         + from email import mime
         + from queue import Queue
         - import queue.worker
         + from json import own
         + import sys
         + from os import path",
    );
}

#[test]
fn paths_that_the_file_inserts() {
    check(
        "#- lib/x.py\nv = 1\n#- run/a.py\n#- down/__init__.py\n__path__.append(__path__[0] + '/more')\n\
         #- down/more/extra.py\n",
        "+ import sys, os; sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'lib')); import x
         - import sys, os; sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'lib')); import y.z
         + [run!] import sys; from pathlib import Path; sys.path.append(str(Path(__file__).parent.parent / 'lib')); from x import v
         - [run!] import sys; from pathlib import Path; sys.path.append(str(Path(__file__).parent.parent / 'lib')); from x import w
         + import down.extra
         + from down import extra",
    );
}

#[test]
fn the_last_insertion_is_searched_first() {
    let tree = "#- one/which.py\na = 1\n#- one/deep/which.py\nd = 1\n#- two/which.py\nb = 1\n\
                #- run/which.py\nc = 1\n";
    let here = "import os, site, sys; here = os.path.dirname(__file__); ";
    let cases = [
        ("a", "sys.path.insert(0, here + '/two'); sys.path.insert(0, here + '/one')"),
        ("b", "sys.path.insert(0, here + '/one'); sys.path.insert(0, here + '/two')"),
        ("a", "sys.path.append(here + '/two'); sys.path.insert(0, here + '/one')"),
        ("a", "sys.path.insert(0, here + '/one'); sys.path.insert(1, here + '/two')"),
        ("b", "sys.path.insert(1, here + '/one'); sys.path.insert(1, here + '/two')"),
        ("a", "sys.path[0:0] = [here + '/one', here + '/two']"),
        ("b", "sys.path = [here + '/two'] + sys.path + [here + '/one']"),
        ("a", "sys.path.extend([here + '/one', here + '/two'])"),
        ("a", "site.addsitedir(here + '/one'); sys.path.append(here + '/two')"),
        ("b", "for it in ('one', 'two'): sys.path.insert(0, os.path.join(here, it))"),
        ("a", "for it in ('one', 'two'): sys.path.append(os.path.join(here, it))"),
        ("d", "sys.path[:0] = [os.path.join(here, it) for it in ('one/deep', 'two')]"),
    ];
    let mut probes = String::new();
    for (first, insertions) in cases {
        for name in ["a", "b", "c", "d"] {
            let sign = if name == first { '+' } else { '-' };
            probes += &format!("{sign} {here}{insertions}; from which import {name}\n");
        }
    }
    let there = "import os, sys; there = os.path.dirname(os.path.dirname(__file__)); ";
    for (name, insertion) in [
        ("a", "sys.path.insert(0, there + '/one')"),
        ("c", "sys.path.insert(1, there + '/one')"),
        ("c", "sys.path.append(there + '/one')"),
    ] {
        for other in ["a", "c"] {
            let sign = if name == other { '+' } else { '-' };
            probes += &format!("{sign} [run!] {there}{insertion}; from which import {other}\n");
        }
    }
    check(tree, &probes);
}
