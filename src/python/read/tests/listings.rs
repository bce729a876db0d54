//! Places that look for modules.

use super::facts;
use crate::python::fixture::dedent;
use crate::python::model::Listed;

#[track_caller]
fn check_listings(source: &str, expected: &str) {
    let source = dedent(source);
    let listings = facts(&source).listings;
    let texts = listings.iter().map(|it| {
        let of = match &it.of {
            Listed::Package { level, module } => format!("{}{module}", ".".repeat(*level as usize)),
            Listed::Folder { folder, from_file: true } => format!("<{folder}>"),
            Listed::Folder { folder, from_file: false } => format!("<./{folder}>"),
            Listed::Named { name } => format!("?.{name}"),
            Listed::Apps { name, framework } => format!("{framework:?} {name}"),
            Listed::Unknown => "?".to_owned(),
        };
        let written = it.span.clone().map(|it| &source[it]);
        assert!(written.is_none_or(|it| it == of.trim_start_matches('.')), "{written:?}");
        let marks = [(it.deep, "*"), (written.is_some(), "=")];
        let marks: String = marks.iter().filter(|it| it.0).map(|it| it.1).collect();
        format!("{}:{of}{marks}", it.line)
    });
    assert_eq!(texts.collect::<Vec<_>>().join(" "), expected, "{source}");
}

#[test]
fn modules_that_are_listed() {
    check_listings(
        "pkgutil.iter_modules(__path__)\nwalk_packages(path=__path__, prefix='a.')\n",
        "1:. 2:.*",
    );
    check_listings(
        "import a.b, pkgutil\nfrom . import c\nfrom .d import e as f\n\
         pkgutil.iter_modules(a.b.__path__)\npkgutil.iter_modules(c.__path__)\n\
         pkgutil.iter_modules(f.__path__)\npkgutil.iter_modules(import_module('x.y').__path__)\n",
        "4:a.b 5:.c 6:.d.e 7:x.y",
    );
    check_listings("def load(package):\n    list(iter_modules(package.__path__))\n", "2:?");
    check_listings(
        "here = Path(__file__).parent\niter_modules([str(here / 'plugins')])\n\
         for it in here.glob('*.py'):\n    pass\nfor it in here.glob('*.json'):\n    pass\n",
        "2:<plugins> 3:<>",
    );
    check_listings("os.listdir(os.path.dirname(__file__))\n", "");
    check_listings(
        "for it in os.listdir(os.path.dirname(__file__)):\n    import_module(it)\n",
        "1:<>",
    );
    check_listings(
        "__all__ = [basename(it)[:-3] for it in glob.glob(join(dirname(__file__), '*.py'))]\n",
        "1:<>",
    );
    check_listings("runpy.run_path(it) for it in glob('plugins/**/*.py')\n", "1:<./plugins>*");
}

#[test]
fn modules_whose_names_are_made() {
    check_listings(
        "import_module(f'plugins.{x}')\nimport_module('plugins.' + x)\n\
         import_module('plugins.%s' % x)\nimport_module('plugins.{}'.format(x))\n\
         import_module(f'plugins.on_{x}.run')\n__import__('a.b', fromlist=[x])\n",
        "1:plugins*= 2:plugins*= 3:plugins*= 4:plugins*= 5:plugins*= 6:a.b*",
    );
    check_listings(
        "import_module(f'.{x}', __package__)\nimport_module('.on.' + x, package=__name__)\n\
         import_module('.' + x, 'a.b')\nimport_module('.' + x, package)\n\
         import_module(f'{__name__}.{x}')\nimport_module(__package__ + '.on.' + x)\n\
         __import__(x, globals(), locals(), [], 1)\n",
        "1:.* 2:.on*= 3:a.b* 4:?* 5:.* 6:.on* 7:.*",
    );
    check_listings(
        "HOME = 'a.b'\nimport_module(f'{HOME}.{x}')\nimport_module(HOME + '.' + x)\n\
         import_module(HOME)\nimport_module(x)\nimport_module(f'{x}.y')\n",
        "2:a.b* 3:a.b*",
    );
    check_listings("run('a.b.%s' % x)\nrun(f'a.b.{x}')\nlog(f'data.{x}')\n", "1:a.b*= 2:a.b*=");
    check_listings("run('a.b.c')\nname.startswith('a.b.')\nf'{x} a.b.{y}'\nf'see a.b.{y}'\n", "");
}
