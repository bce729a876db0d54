//! Values as bytes, for a cache, and back.
//!
//! The bytes mean something only to the build that made them: whoever keeps them also keeps
//! [`VERSION`], and believes nothing of another one. Numbers are seven bits a byte, lengths stand
//! before what they count. Bytes that nobody made here are no value, or another one: never a panic.

use std::collections::{BTreeMap, BTreeSet};

use crate::path::RepoPath;

/// Tells builds apart that may know other things of the same input, or keep them otherwise.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "-", env!("OVERHAUL_BUILD"));

/// What can be kept.
pub(crate) trait Kept: Sized {
    /// Adds the value to `out`.
    fn put(&self, out: &mut Vec<u8>);

    /// Takes a value off the front of `from`.
    fn take(from: &mut &[u8]) -> Option<Self>;

    /// Returns the value as bytes.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1 << 10);
        self.put(&mut out);
        out
    }

    /// Returns the value that was made into these bytes; `None` where they are none.
    fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let value = Self::take(&mut bytes)?;
        bytes.is_empty().then_some(value)
    }
}

/// Keeps structs, field by field: a new field does not compile until it is listed.
macro_rules! records {
    ($($name:ident { $($field:ident),+ })+) => {$(
        impl $crate::kept::Kept for $name {
            fn put(&self, out: &mut Vec<u8>) {
                let Self { $($field),+ } = self;
                $($crate::kept::Kept::put($field, out);)+
            }

            fn take(from: &mut &[u8]) -> Option<Self> {
                $(let $field = $crate::kept::Kept::take(from)?;)+
                Some(Self { $($field),+ })
            }
        }
    )+};
}

/// Keeps enums: a number for the variant, then its fields.
macro_rules! choices {
    ($($name:ident { $($tag:literal: $variant:ident { $($field:tt: $bound:ident),* })+ })+) => {$(
        impl $crate::kept::Kept for $name {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant { $($field: $bound),* } => {
                        out.push($tag);
                        $($crate::kept::Kept::put($bound, out);)*
                    })+
                }
            }

            fn take(from: &mut &[u8]) -> Option<Self> {
                match $crate::kept::byte(from)? {
                    $($tag => {
                        $(let $bound = $crate::kept::Kept::take(from)?;)*
                        Some(Self::$variant { $($field: $bound),* })
                    })+
                    _ => None,
                }
            }
        }
    )+};
}

pub(crate) use {choices, records};

impl Kept for usize {
    fn put(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        out.push(rest.to_le_bytes()[0]);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        // Most numbers are small.
        if let [first @ ..0x80, rest @ ..] = *from {
            *from = rest;
            return Some(Self::from(*first));
        }
        let mut value = 0;
        for shift in (0..Self::BITS).step_by(7) {
            let next = byte(from)?;
            value |= Self::from(next & 0x7f).checked_shl(shift)?;
            if next < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

impl Kept for u32 {
    fn put(&self, out: &mut Vec<u8>) {
        // Every number here counts bytes or lines of a file: `usize` holds it.
        usize::try_from(*self).unwrap_or(usize::MAX).put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        usize::take(from)?.try_into().ok()
    }
}

impl Kept for u8 {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        byte(from)
    }
}

impl Kept for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        match byte(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Kept for String {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let length = usize::take(from)?;
        let (text, rest) = from.split_at_checked(length)?;
        *from = rest;
        Some(std::str::from_utf8(text).ok()?.to_owned())
    }
}

impl Kept for RepoPath {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_bytes().len().put(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let length = usize::take(from)?;
        let (bytes, rest) = from.split_at_checked(length)?;
        *from = rest;
        if bytes.is_empty() { Some(Self::root()) } else { Self::from_bytes(bytes).ok() }
    }
}

impl<T: Kept> Kept for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(if bool::take(from)? { Some(T::take(from)?) } else { None })
    }
}

impl<A: Kept, B: Kept> Kept for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

impl Kept for crate::text::Span {
    fn put(&self, out: &mut Vec<u8>) {
        (self.start, self.end - self.start).put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let (start, length) = Kept::take(from)?;
        Some(start..usize::checked_add(start, length)?)
    }
}

impl<T: Kept> Kept for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        self.iter().for_each(|it| it.put(out));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let length = usize::take(from)?;
        // Nothing takes less than a byte, so no number makes us ask for memory that has no use.
        let mut values = Self::with_capacity(length.min(from.len()).min(1 << 10));
        for _ in 0..length {
            values.push(T::take(from)?);
        }
        Some(values)
    }
}

impl<T: Kept> Kept for BTreeMap<String, T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(Vec::<(String, T)>::take(from)?.into_iter().collect())
    }
}

impl Kept for BTreeSet<String> {
    fn put(&self, out: &mut Vec<u8>) {
        self.len().put(out);
        self.iter().for_each(|it| it.put(out));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(Vec::take(from)?.into_iter().collect())
    }
}

/// Takes one byte off the front of `from`.
pub(crate) fn byte(from: &mut &[u8]) -> Option<u8> {
    let (first, rest) = from.split_first()?;
    *from = rest;
    Some(*first)
}
