//! Lists of requirements: pip's, conda's, and single requirement strings.

use super::Config;
pub(super) use crate::text::requirement::normalised;

/// Reads a file of requirements.
pub(super) fn read(text: &str) -> Config {
    let mut config = Config { workplace: true, ..Config::default() };
    add_lines(&mut config, text);
    config
}

/// Reads a conda environment: the items of its lists, pip's among them.
pub(super) fn read_environment(text: &str) -> Config {
    let mut config = Config { workplace: true, ..Config::default() };
    let items = text.lines().filter_map(|line| line.trim().strip_prefix("- "));
    for item in items.map(|item| item.trim().trim_matches(['"', '\''])) {
        // `conda-forge::numpy=1.2`
        let spec = item.rsplit("::").next().unwrap_or(item);
        if let Some(versions) = spec.strip_prefix("python=") {
            config.exactly = super::version_in(versions);
        }
        config.requires.extend(distribution(spec));
    }
    config
}

/// Adds the requirements that stand one a line.
pub(super) fn add_lines(config: &mut Config, text: &str) {
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        let included = ["-r", "--requirement"].iter().find_map(|flag| line.strip_prefix(flag));
        match included {
            Some(file) => config.includes.push(file.trim_start_matches(['=', ' ']).to_owned()),
            None => config.requires.extend(distribution(line)),
        }
    }
}

/// Returns the normalised name of the distribution that a requirement asks for.
pub(super) fn distribution(requirement: &str) -> Option<String> {
    let requirement = requirement.trim();
    // `-e git+https://host/repo.git#egg=name`, `https://host/name.whl`
    if let Some((_, egg)) = requirement.split_once("#egg=") {
        return distribution(egg);
    }
    if let Some(address) = requirement.strip_prefix("git+") {
        return distribution(address.rsplit('/').next()?.split(['.', '@']).next()?);
    }
    let is_name = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    let end = requirement.find(|it: char| !is_name(it)).unwrap_or(requirement.len());
    let (name, rest) = requirement.split_at(end);
    let rest = rest.trim_start();
    let goes_on = rest.is_empty()
        || rest.starts_with(['[', '<', '>', '=', '!', '~', ';', '@', '(', ',', '^', '*']);
    let starts = name.starts_with(|it: char| it.is_ascii_alphanumeric());
    (goes_on && starts).then(|| normalised(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<&str>) {
        assert_eq!(distribution(line).as_deref(), expected, "{line}");
    }

    #[test]
    fn a_requirement_begins_with_its_name() {
        check("Flask", Some("flask"));
        check("zope.interface>=5", Some("zope-interface"));
        check("uvicorn[standard] ~= 0.2 ; python_version < '3.9'", Some("uvicorn"));
        check("torch @ https://example.org/torch.whl", Some("torch"));
        check("-e git+https://example.org/x.git#egg=My_Thing", Some("my-thing"));
        check("git+https://example.org/team/tool.git@v1", Some("tool"));
        check("--index-url https://example.org", None);
        check("# talk", None);
        check("not a requirement", None);
    }

    #[test]
    fn includes_and_environments_are_read() {
        let config = read("-r base.txt\nredis==5 # cache\n");
        assert_eq!(config.includes, ["base.txt"]);
        assert_eq!(config.requires, ["redis"]);
        let config = read_environment(
            "dependencies:\n  - python=3.11\n  - conda-forge::numpy=1\n  - pip:\n    - flask>=2\n",
        );
        assert_eq!(config.requires, ["python", "numpy", "flask"]);
        assert_eq!(config.exactly, Some((3, 11)));
    }
}
