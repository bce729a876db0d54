//! The playbooks that the binary carries: everything below `playbooks/`, in an explicit table.

/// A playbook of the binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipped {
    /// Its name: that of its file, and the one inside.
    pub name: &'static str,
    /// Its file, below `playbooks/`.
    pub file: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! shipped {
    ($name:literal, $file:literal) => {
        Shipped { name: $name, file: $file, text: include_str!(concat!("../../playbooks/", $file)) }
    };
}

/// Every playbook of the binary, in order of its file.
pub static SHIPPED: &[Shipped] = &[
    shipped!("archive-legacy", "archive-legacy.toml"),
    shipped!("consolidate-folders", "consolidate-folders.toml"),
    shipped!("dead-services", "dead-services.toml"),
    shipped!("env-files", "env-files.toml"),
    shipped!("agent", "examples/agent.toml"),
    shipped!("anime", "examples/anime.toml"),
    shipped!("gateway", "examples/gateway.toml"),
    shipped!("platform", "examples/platform.toml"),
    shipped!("services", "examples/services.toml"),
    shipped!("fix-imports", "fix-imports.toml"),
    shipped!("one-entry-point", "one-entry-point.toml"),
    shipped!("organise-scripts", "organise-scripts.toml"),
    shipped!("production-scaffold", "production-scaffold.toml"),
    shipped!("remove-artefacts", "remove-artefacts.toml"),
    shipped!("rename-module", "rename-module.toml"),
    shipped!("requirements-to-pyproject", "requirements-to-pyproject.toml"),
    shipped!("split-module", "split-module.toml"),
    shipped!("standardise-imports", "standardise-imports.toml"),
    shipped!("untrack-secrets", "untrack-secrets.toml"),
];
