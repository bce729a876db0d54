//! Imports of what is not in the tree: they follow the last module on the way there.

use super::*;

#[test]
fn what_is_missing_below_a_package_follows_it() {
    check(
        "//- p/__init__.py\n//- p/a.py\nfrom p.gone import *\nfrom p.gone.more import z\nfrom .gone import y\n\
         import p.fast\nimport p.fast as f\np.fast.g()\n//- use.py\nimport importlib\n\
         importlib.import_module('p.gone')\ndef g():\n    from p.gone import *\n",
        "p/ -> q/",
        "//- q/a.py\nfrom q.gone import *\nfrom q.gone.more import z\nfrom .gone import y\n\
         import q.fast\nimport q.fast as f\nq.fast.g()\n//- use.py\nimport importlib\n\
         importlib.import_module('q.gone')\ndef g():\n    from q.gone import *\n",
    );
    check_use(
        "//- p/s/a.py\n",
        "p/s/ -> p/t/",
        "from p.s.gone import x\nfrom p.gone import y\n",
        "from p.t.gone import x\nfrom p.gone import y\n",
    );
}

#[test]
fn what_is_missing_beside_a_module_stays_where_it_is() {
    check(
        "//- p/__init__.py\n//- p/a.py\ntry:\n    from ._fast import f\n    from p._fast import f\n\
         except ImportError:\n    pass\n//- p/s/__init__.py\n//- use.py\nfrom p.a import f\nfrom p._fast import f\n",
        "p/a.py -> p/s/a.py",
        "//- p/s/a.py\ntry:\n    from .._fast import f\n    from p._fast import f\n\
         except ImportError:\n    pass\n//- use.py\nfrom p.s.a import f\nfrom p._fast import f\n",
    );
}
