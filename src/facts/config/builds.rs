//! Build files of compiled modules: the names of what they make.

use super::literals::values_of;
use super::{Config, Generated};

/// Reads a `meson.build`.
pub(super) fn read_meson(text: &str) -> Config {
    let modules = values_of(text, |word| word == "extension_module");
    let names = modules.into_iter().filter_map(|it| it.into_iter().next());
    made(names.map(|it| it.text))
}

/// Reads a `CMakeLists.txt`.
pub(super) fn read_cmake(text: &str) -> Config {
    const MAKERS: [&str; 5] = [
        "pybind11_add_module",
        "nanobind_add_module",
        "ython_add_library",
        "ython3_add_library",
        "add_cython_target",
    ];
    let calls = MAKERS.iter().flat_map(|maker| text.split(maker).skip(1));
    let names = calls.filter_map(|rest| {
        let arguments = rest.trim_start().strip_prefix('(')?.trim_start();
        arguments.split([' ', '\n', '\t', ')']).next().map(str::to_owned)
    });
    made(names)
}

/// Reads a `Cargo.toml`: a library for others than Rust may be a module.
pub(super) fn read_cargo(text: &str) -> Config {
    let Ok(table) = text.parse::<toml::Table>() else { return Config::default() };
    let library = table.get("lib");
    let kinds = library.and_then(|it| it.get("crate-type")).and_then(toml::Value::as_array);
    let for_others = kinds.into_iter().flatten().any(|kind| kind.as_str() == Some("cdylib"));
    let name = |of: Option<&toml::Value>| Some(of?.get("name")?.as_str()?.replace('-', "_"));
    let name = name(library).or_else(|| name(table.get("package")));
    made(name.into_iter().filter(|_| for_others))
}

fn made(names: impl Iterator<Item = String>) -> Config {
    Config { generated: names.map(Generated::Somewhere).collect(), ..Config::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(config: &Config, expected: &str) {
        assert_eq!(config.generated, [Generated::Somewhere(expected.to_owned())]);
    }

    #[test]
    fn each_tool_names_what_it_makes() {
        check(&read_meson("py.extension_module(\n  '_fast',\n  ['a.c'],\n)"), "_fast");
        check(&read_cmake("pybind11_add_module(_fast MODULE a.cpp)"), "_fast");
        check(&read_cmake("Python_add_library( _fast a.c)"), "_fast");
        let library = "[package]\nname = 'x-y'\n[lib]\ncrate-type = ['cdylib']\n";
        check(&read_cargo(library), "x_y");
        check(&read_cargo(&format!("{library}name = '_fast'")), "_fast");
        assert_eq!(read_cargo("[package]\nname = 'x-y'"), Config::default());
        assert_eq!(read_meson("project('x')"), Config::default());
    }
}
