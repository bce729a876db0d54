//! Names: what a module has, and what passes through it.

use super::check;

#[test]
fn plain_definitions() {
    check(
        "#- a.py\ndef f(): pass\nclass C: pass\nx = y = 1\n(p, [q, *r]) = 1, [2, 3]\nz: int = 1\nw: int\n\
         for i in [1]: pass\nwith open(__file__) as h: pass\n[k for k in [1]]\nif (m := 1): pass\n\
         import os.path, sys as s\nx2 = lambda e: e\n",
        "+ from a import f, C, x, y, p, q, r, z, i, h, m, os, s, x2
         - from a import w
         - from a import k
         - from a import e
         - from a import path
         - from a import sys
         - import a.f",
    );
}

#[test]
fn branches_and_deletions() {
    check(
        "#- a.py\nimport sys\nif sys.version_info >= (3,):\n    f = 1\nelse:\n    f = 2\ntry:\n    import gone_module\n\
         except ImportError:\n    gone_module = None\ntry:\n    1 / 0\nexcept ZeroDivisionError as e:\n    g = 1\n\
         d = 1\ndel d\nback = 1\ndel back\nback = 2\ndef bind():\n    global late\n    late = 1\nbind()\n\
         match 1:\n    case n: pass\nwhile True:\n    u = 1\n    break\n",
        "+ from a import f, gone_module, g, back, late, n, u
         - from a import d
         - from a import e
         - from a import bound",
    );
}

#[test]
fn names_that_cannot_be_read_are_granted() {
    check(
        "#- a.py\nglobals()['made'] = 1\n#- b.py\ndef __getattr__(name):\n    return 1\n\
         #- c.py\nimport sys\nclass M:\n    anything = 1\nsys.modules[__name__] = M()\n\
         #- d.py\nfrom b import whatever\n#- e.py\n__getattr__, __dir__ = (lambda name: 1), list\n\
         #- f.py\nfrom b import __getattr__\n#- g.py\nfrom h import *\n\
         #- h.py\n__all__ = ['__getattr__']\nfrom b import __getattr__\n",
        "+ from a import made
         + from b import whatever
         + from c import anything
         + from d import whatever
         - from d import other
         + from e import anything
         + from f import anything
         + from g import anything",
    );
}

#[test]
fn a_module_that_makes_some_names_lacks_the_others() {
    check(
        "#- a.py\nglobals()['made'] = 1\n#- b.py\nfrom a import *\n\
         #- c.py\nT = {'one': 1, 'two': 2}\ndef __getattr__(name):\n    if name == 'zero': return 0\n    \
         try:\n        value = T[name]\n    except KeyError:\n        raise AttributeError(name) from None\n    \
         globals()[name] = value\n    return value\n\
         #- d.py\n__all__ = ['late']\ndef __getattr__(name):\n    if name not in __all__:\n        \
         raise AttributeError(name)\n    return 1\n#- e.py\nfrom d import *\n\
         #- look.py\nimport sys\nclass Loader:\n    def load(self, name):\n        self.found = 1\n        \
         return sys.modules[name]\n#- f.py\nfrom look import Loader\nLoader().load('look')\n",
        "+ from a import made
         - from a import other
         + from b import made
         - from b import other
         + from c import zero, one, two
         - from c import three
         + from d import late
         - from d import early
         + from e import late
         - from e import early
         - from f import found",
    );
}

#[test]
fn names_that_are_made_in_loops_and_by_the_handful() {
    check(
        "#- a.py\nfor n in ('one', 'two'):\n    globals()[n] = n\n\
         #- b.py\nimport sys\nglobals().update({'one': 1}, two=2)\nglobals().setdefault('three', 3)\n\
         sys.modules[__name__].four = 4\n\
         #- c.py\ndef fill(found):\n    for name in ['one', 'two']:\n        vars()['no'] = 1\n        \
         globals().setdefault(name, found)\nfill(1)\n\
         #- d.py\nfor n in ['one']:\n    n = n + 's'\n    globals()[n] = n\n\
         #- e.py\nfrom b import *\n",
        "+ from a import one, two, n
         - from a import three
         + from b import one, two, three, four
         - from b import five
         + from c import one, two
         - from c import no
         - from c import three
         + from d import ones
         + from e import one, four
         - from e import five",
    );
}

#[test]
fn a_getattr_that_is_made_or_asks_the_namespace() {
    check(
        "#- a.py\nimport typing\nif not typing.TYPE_CHECKING:\n    def __getattr__(name):\n        \
         if name == 'one': return 1\n        raise AttributeError(name)\n\
         #- b.py\ndef make(module):\n    'Talk.'\n    def __getattr__(name):\n        \
         if name not in ('one', 'two'):\n            raise AttributeError(f'{module} {name}')\n        \
         return 1\n    return __getattr__\n__getattr__ = make(__name__)\n\
         #- c.py\n_OLD_one = 1\nPRE, two_x = '_OLD_', 1\ndef __getattr__(name):\n    \
         if (it := globals().get(f'_OLD_{name}')) is None and f'{name}_x' not in globals():\n        \
         raise AttributeError(name)\n    return 2\n\
         #- d.py\nT = {'a.one': 1}\nOLD = 'a.'\ndef __getattr__(name):\n    try: return T[OLD + name]\n    \
         except KeyError: raise AttributeError(name)\n\
         #- e.py\nT = {'one': 1}\ndef __getattr__(name):\n    T = dict(two=2)\n    \
         try: return T[name]\n    except KeyError: raise AttributeError(name)\n",
        "+ from a import one
         - from a import two
         + from b import one, two
         - from b import three
         + from c import one, two
         - from c import three
         + from d import one
         - from d import two
         + from e import two",
    );
}

#[test]
fn a_namespace_that_is_only_looked_at() {
    check(
        "#- a.py\ndef go(names):\n    for name in list(names): print(names[name], 'x' in names)\n    \
         del names\ngo(locals())\n\
         #- b.py\ndef go(*, names):\n    names['x'] = 1\ngo(names=globals())\n\
         #- c.py\ndef go(one, names):\n    also = names\n    also['x'] = 1\ngo(1, globals())\n\
         #- d.py\nfrom b import go\ngo(names=globals())\n\
         #- load.py\nimport sys\ndef load(name):\n    sys.modules[name] = sys\n\
         #- pack/__init__.py\nimport sys\ndef load(name):\n    sys.modules[name] = sys\nload('pack.x')\n\
         #- fill.py\nimport sys\ndef fill():\n    sys._getframe(1).f_globals['x'] = 1\n\
         #- takes.py\nfrom fill import fill\n__all__ = ['fill']\n\
         #- fills.py\nfrom takes import fill\nif fill():\n    pass\n",
        "- from a import x
         + from b import x
         + from c import x
         + from d import x
         - from load import x
         + from pack import x
         + import pack.x
         - from takes import x
         + from fills import x",
    );
}

#[test]
fn modules_give_each_other_names() {
    check(
        "#- p/__init__.py\nfrom . import base\nbase.given = 1\nbase.there.inner = 1\n\
         #- p/base.py\nclass there: pass\n\
         #- reach.py\nimport sys\ndef fill():\n    space = sys._getframe(1).f_globals\n    space['x'] = 1\n\
         def told(name):\n    sys.modules[name].y = 1\n\
         def look():\n    return sys._getframe(1).f_globals['__name__']\n\
         #- a.py\nfrom reach import fill\nfill()\n#- b.py\nimport reach\nreach.told(__name__)\n\
         #- c.py\nfrom reach import look\nlook()\n",
        "+ from p.base import given, there
         - from p.base import inner
         - from p.base import gone
         + from a import x
         + from b import y
         - from c import x",
    );
}

#[test]
fn modules_that_are_made() {
    check(
        "#- p/__init__.py\nimport sys, types\nmade = types.ModuleType('made')\n\
         sys.modules[__name__ + '.one'] = made\nsys.modules[f'{__name__}.two'] = made\n\
         sys.modules['p.three'] = made\nsys.modules.setdefault('p.four', made)\nsys.modules['far'] = made\n\
         #- q/__init__.py\nimport sys\nname = 'q.any'\nsys.modules[name] = sys\n",
        "+ import p.one, p.two, p.three, p.four, q.any
         - import p.five
         - from p import five
         - import p.made",
    );
}

#[test]
fn reexports_chains_and_rings() {
    check(
        "#- a.py\nfrom b import f\nfrom b import f as g\nimport b as mod\n#- b.py\nfrom c import f\n#- c.py\nf = 1\n\
         #- ring1.py\nfrom ring2 import x\n#- ring2.py\nfrom ring1 import x\n#- own.py\nfrom own import x\n\
         #- rescued.py\ntry:\n    from ring1 import x\nexcept ImportError:\n    x = 1\n",
        "+ from a import f, g, mod
         - from a import c
         - from ring1 import x
         - from own import x
         + from rescued import x",
    );
}

#[test]
fn star_imports() {
    check(
        "#- plain.py\nfrom base import *\n#- base.py\nx = _y = 1\nimport os\n#- listed.py\nfrom all import *\n\
         #- all.py\n__all__ = ['_y']\n__all__ += ['z']\nx = _y = z = 1\n#- wrong.py\n__all__ = ['gone']\n\
         #- s1.py\nfrom s2 import *\na = 1\n#- s2.py\nfrom s1 import *\nb = 1\n#- pkg/__init__.py\n__all__ = ['sub']\n\
         #- pkg/sub.py\n#- shown/__init__.py\nfrom .sub import v\n#- shown/sub.py\nv = w = 1\n\
         #- through.py\nfrom shown import *\n",
        "+ from plain import x, os
         - from plain import _y
         + from listed import _y, z
         - from listed import x
         - from wrong import *
         + from s1 import a, b
         + from pkg import *
         + from through import v, sub
         - from through import w",
    );
}

#[test]
fn implicit_attributes() {
    check(
        "#- a.py\n#- p/__init__.py\n#- n/x.py\n",
        "+ from a import __name__, __file__, __doc__, __spec__, __loader__, __package__, __dict__
         - from a import __path__
         + from p import __path__
         + from n import __path__, __name__
         - from a import __nope__",
    );
}

#[test]
fn a_handler_has_to_work_where_what_is_tried_fails() {
    check(
        "#- a.py\nx = 1\n#- p/__init__.py\n",
        "+ try: import p.gone; except ImportError: pass
         + try: import p.gone; except ImportError: import a
         - try: import p.gone; except ImportError: import p.lost
         - try: import gone; except ImportError: import p.lost
         - try: from a import y; except (KeyError, ImportError): from p import lost
         - try: from a import x, y; except: from p import lost
         + try: from a import x; except ImportError: from p import lost
         + try: import json; except ImportError: from p import lost
         + try: import a; except ImportError: from p import lost
         - try: import p.gone; except ValueError: pass; except ImportError: import p.lost
         - try: import p.gone; except ValueError: import a
         + try:;  try: import p.gone;  except ImportError: import p.lost; except ImportError: import a
         - try:;  try: import p.gone;  except ImportError: import p.lost; except ImportError: import p.last
         + try:;  try: import a;  except ImportError: import p.lost; except ImportError: import p.last
         + try:;  try: pass;  except ImportError: import p.lost; except ImportError: import p.last
         + try:;  try: import p.gone;  except ImportError: pass; except ImportError: import p.last
         + try:;  try: import p.gone;  except ImportError: import a; except ImportError: import p.last
         + try: import p.gone; except ImportError:;  try: import p.lost;  except ImportError: pass
         + try: import p.gone; except ImportError:;  try: import a;  except ImportError: import p.last
         - try: import p.gone; except ImportError:;  try: import p.lost;  except ImportError: import p.last
         + try: import a; except ImportError:;  try: import p.lost;  except ImportError: import p.last
         + try: import p.gone; except ImportError:;  def f():;   try: import a;   except ImportError: import p.lost
         + try: import a; except ImportError: import p.lost; else: import a
         - try: import a; except ImportError: pass; else: import p.lost",
    );
}

#[test]
fn a_module_below_one_that_is_none() {
    check(
        "#- p/__init__.py\nfrom . import sub as _sub\nfrom p import other as _other\nsub = _sub.x\nother = _other\n\
         #- p/sub.py\nx = 1\n#- p/other.py\n\
         #- lends.py\nimport p\ndef __getattr__(name):\n    return getattr(p, name)\n\
         #- some.py\ndef __getattr__(name):\n    if name == 'x': return 1\n    raise AttributeError(name)\n",
        "+ from p import sub, other
         + from lends.sub import x
         + from lends import sub
         - from some.sub import x",
    );
}

#[test]
fn literal_import_calls() {
    check(
        "#- a/__init__.py\n#- a/b.py\n",
        "+ import importlib; importlib.import_module('a.b')
         - import importlib; importlib.import_module('a.c')
         + [a] import importlib; importlib.import_module('.b', 'a')
         + [a] import importlib; importlib.import_module('.b', __package__)
         - [a] import importlib; importlib.import_module('.c', __package__)
         + __import__('a.b')
         - __import__('a.c')
         + from importlib import import_module as go; go('a.b')
         - from importlib import import_module as go; go('a.c')",
    );
}
