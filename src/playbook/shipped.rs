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

/// Every playbook of the binary, in order of its file.
pub static SHIPPED: &[Shipped] = &[];
