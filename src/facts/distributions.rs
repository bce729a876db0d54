//! Distributions and the modules that they install: where the names differ.
//!
//! A list that is too long costs a hint about an undeclared dependency; one that is too short gives
//! a false one. So guesses are generous.

use std::collections::BTreeSet;

/// Distributions, by normalised name, with the top-level modules that they install.
const MODULES: &[(&str, &str)] = &[
    ("absl-py", "absl"),
    ("antlr4-python3-runtime", "antlr4"),
    ("argon2-cffi", "argon2"),
    ("async-timeout", "async_timeout"),
    ("attrs", "attr attrs"),
    ("auth0-python", "auth0"),
    ("avro-python3", "avro"),
    ("beautifulsoup4", "bs4"),
    ("biopython", "Bio"),
    ("cassandra-driver", "cassandra"),
    ("confluent-kafka", "confluent_kafka"),
    ("djangorestframework", "rest_framework"),
    ("djangorestframework-simplejwt", "rest_framework_simplejwt"),
    ("dnspython", "dns"),
    ("docker-py", "docker"),
    ("faiss-cpu", "faiss"),
    ("faiss-gpu", "faiss"),
    ("fastapi", "fastapi starlette pydantic"),
    ("ffmpeg-python", "ffmpeg"),
    ("flask", "flask werkzeug jinja2 click itsdangerous markupsafe"),
    ("gdal", "osgeo"),
    ("gitpython", "git"),
    ("google-auth", "google"),
    ("grpcio", "grpc"),
    ("grpcio-health-checking", "grpc_health"),
    ("grpcio-reflection", "grpc_reflection"),
    ("grpcio-status", "grpc_status"),
    ("grpcio-tools", "grpc_tools"),
    ("ipython", "IPython"),
    ("jinja2", "jinja2 markupsafe"),
    ("kafka-python", "kafka"),
    ("levenshtein", "Levenshtein"),
    ("markdown-it-py", "markdown_it"),
    ("memcached", "memcache"),
    ("mkdocs-material", "material"),
    ("msgpack-python", "msgpack"),
    ("mysql-connector-python", "mysql"),
    ("mysql-python", "MySQLdb"),
    ("mysqlclient", "MySQLdb"),
    ("netcdf4", "netCDF4"),
    ("opencv-contrib-python", "cv2"),
    ("opencv-contrib-python-headless", "cv2"),
    ("opencv-python", "cv2"),
    ("opencv-python-headless", "cv2"),
    ("paho-mqtt", "paho"),
    ("pillow", "PIL"),
    ("pip-tools", "piptools"),
    ("progressbar2", "progressbar"),
    ("protobuf", "google"),
    ("psycopg-binary", "psycopg"),
    ("psycopg2-binary", "psycopg2"),
    ("py-cpuinfo", "cpuinfo"),
    ("pycrypto", "Crypto"),
    ("pycryptodome", "Crypto"),
    ("pycryptodomex", "Cryptodome"),
    ("pygithub", "github"),
    ("pygobject", "gi"),
    ("pyhamcrest", "hamcrest"),
    ("pyjwt", "jwt"),
    ("pymupdf", "fitz pymupdf"),
    ("pynacl", "nacl"),
    ("pyobjc", "objc Foundation AppKit"),
    ("pyopengl", "OpenGL"),
    ("pyopenssl", "OpenSSL"),
    ("pyserial", "serial"),
    ("pytest", "pytest _pytest py pluggy"),
    ("python-barcode", "barcode"),
    ("python-dateutil", "dateutil"),
    ("python-decouple", "decouple"),
    ("python-docx", "docx"),
    ("python-dotenv", "dotenv"),
    ("python-jose", "jose"),
    ("python-json-logger", "pythonjsonlogger"),
    ("python-ldap", "ldap"),
    ("python-levenshtein", "Levenshtein"),
    ("python-magic", "magic"),
    ("python-memcached", "memcache"),
    ("python-multipart", "multipart python_multipart"),
    ("python-pptx", "pptx"),
    ("python-slugify", "slugify"),
    ("python-snappy", "snappy"),
    ("python-socketio", "socketio"),
    ("python-telegram-bot", "telegram"),
    ("python-xlib", "Xlib"),
    (
        "pywin32",
        "win32api win32con win32gui win32com pythoncom pywintypes win32file win32event win32service win32serviceutil servicemanager winerror",
    ),
    ("pyyaml", "yaml"),
    ("pyzmq", "zmq"),
    ("requests", "requests urllib3 certifi idna"),
    ("rpi-gpio", "RPi"),
    ("ruamel-yaml", "ruamel"),
    ("scikit-image", "skimage"),
    ("scikit-learn", "sklearn"),
    ("setuptools", "setuptools pkg_resources _distutils_hack"),
    ("setuptools-scm", "setuptools_scm"),
    ("sphinx", "sphinx docutils"),
    ("strawberry-graphql", "strawberry"),
    ("tensorflow-cpu", "tensorflow"),
    ("tensorflow-gpu", "tensorflow"),
    ("tree-sitter", "tree_sitter"),
    ("typing-extensions", "typing_extensions"),
    ("umap-learn", "umap"),
    ("websocket-client", "websocket"),
    ("wxpython", "wx"),
];

/// Top-level modules of well-known distributions that repositories like to name a folder after: the
/// folder holds what configures or deploys the thing.
const WELL_KNOWN: &[&str] = &[
    "airflow",
    "alembic",
    "ansible",
    "boto3",
    "celery",
    "certifi",
    "consul",
    "couchdb",
    "datadog",
    "dbt",
    "django",
    "docker",
    "elasticsearch",
    "fabric",
    "fastapi",
    "flask",
    "github",
    "gitlab",
    "google",
    "grafana",
    "grpc",
    "gunicorn",
    "helm",
    "jenkins",
    "jinja2",
    "jupyter",
    "kafka",
    "keycloak",
    "kubernetes",
    "locust",
    "mcp",
    "minio",
    "mlflow",
    "mongo",
    "mypy",
    "mysql",
    "neo4j",
    "nginx",
    "notebook",
    "openai",
    "opentelemetry",
    "pika",
    "postgres",
    "prefect",
    "prometheus_client",
    "psycopg2",
    "pulumi",
    "pydantic",
    "pytest",
    "rabbitmq",
    "ray",
    "redis",
    "requests",
    "sentry_sdk",
    "slack",
    "sphinx",
    "sqlalchemy",
    "streamlit",
    "supabase",
    "telegram",
    "temporal",
    "tensorflow",
    "torch",
    "uvicorn",
    "vault",
    "yaml",
];

/// Namespace packages that many distributions install into.
const NAMESPACES: &[&str] = &[
    "azure",
    "backports",
    "collective",
    "flufl",
    "google",
    "jaraco",
    "keystoneauth1",
    "llama",
    "mpl",
    "opentelemetry",
    "paste",
    "plone",
    "repoze",
    "ruamel",
    "sphinxcontrib",
    "tencentcloud",
    "zope",
];

/// Tells whether a folder of this name may well be about the distribution, not be the module.
pub(super) fn is_well_known(top: &str) -> bool {
    WELL_KNOWN.contains(&top)
}

/// Adds the top-level modules that a distribution may install, in lower case.
pub(super) fn add_modules(modules: &mut BTreeSet<String>, distribution: &str) {
    if let Ok(index) = MODULES.binary_search_by_key(&distribution, |(name, _)| name) {
        modules.extend(MODULES[index].1.split(' ').map(str::to_lowercase));
    }
    modules.insert(distribution.replace('-', "_"));
    modules.insert(distribution.replace('-', ""));
    let first = distribution.split('-').next().unwrap_or_default();
    if NAMESPACES.contains(&first) {
        modules.insert(first.to_owned());
    }
    let affixes = [
        ("python-", ""),
        ("types-", ""),
        ("django-", ""),
        ("", "-python"),
        ("", "-py"),
        ("", "-stubs"),
        ("", "-binary"),
        ("", "-client"),
    ];
    for (head, tail) in affixes {
        let core = distribution.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail));
        if let Some(core) = core.filter(|core| !core.is_empty() && *core != distribution) {
            modules.insert(core.replace('-', "_"));
            // The stubs of a distribution say that it is used.
            if let Ok(index) = MODULES.binary_search_by_key(&core, |(name, _)| name) {
                modules.extend(MODULES[index].1.split(' ').map(str::to_lowercase));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        assert!(MODULES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(WELL_KNOWN.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn names_that_differ_are_known() {
        let rows = [
            ("pyyaml", "yaml"),
            ("types-pyyaml", "yaml"),
            ("beautifulsoup4", "bs4"),
            ("zope-interface", "zope"),
            ("google-cloud-storage", "google"),
            ("python-foo", "foo"),
            ("ruamel-yaml", "ruamel"),
            ("pillow", "pil"),
            ("django-filter-extra", "filter_extra"),
            ("types-python-dateutil", "dateutil"),
        ];
        for (distribution, module) in rows {
            let mut modules = BTreeSet::new();
            add_modules(&mut modules, distribution);
            assert!(modules.contains(module), "{distribution} → {module}: {modules:?}");
        }
    }
}
