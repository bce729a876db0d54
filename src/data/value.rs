//! What a file says, whatever its format.

/// A value.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nothing: `null`, or a key of YAML without a value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A date or a time of TOML, as it is written.
    Date(String),
    /// Text.
    Text(String),
    /// What readers of different versions of YAML take for different things (`yes`, `012`), an alias, or
    /// a value with a tag: as it is written.
    Other(String),
    /// A list.
    List(Vec<Value>),
    /// Values by key, in order.
    Map(Vec<(String, Value)>),
}

/// Tables are the same in any order of their keys.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Integer(one), Self::Integer(other)) => one == other,
            (Self::Float(one), Self::Float(other)) => {
                one == other || one.is_nan() && other.is_nan()
            }
            (Self::Date(one), Self::Date(other))
            | (Self::Text(one), Self::Text(other))
            | (Self::Other(one), Self::Other(other)) => one == other,
            (Self::List(one), Self::List(other)) => one == other,
            (Self::Map(one), Self::Map(other)) => in_order(one) == in_order(other),
            _ => false,
        }
    }
}

fn in_order(rows: &[(String, Value)]) -> Vec<&(String, Value)> {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|(key, _)| key);
    rows
}

impl Value {
    /// Returns what a reader would call it.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Date(_) => "a date",
            Self::Text(_) => "text",
            Self::Other(text) if text.starts_with('*') => "an alias",
            Self::Other(_) => "a value",
            Self::List(_) => "a list",
            Self::Map(_) => "a table",
        }
    }

    /// Tells whether it is neither a list nor a table.
    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_))
    }

    /// Returns the value as a format has it that has no dates.
    #[must_use]
    pub(super) fn without_dates(self) -> Self {
        match self {
            Self::Date(text) => Self::Text(text),
            Self::List(items) => Self::List(items.into_iter().map(Self::without_dates).collect()),
            Self::Map(rows) => {
                Self::Map(rows.into_iter().map(|(key, it)| (key, it.without_dates())).collect())
            }
            plain @ (Self::Null
            | Self::Bool(_)
            | Self::Integer(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Other(_)) => plain,
        }
    }
}

impl From<toml::Value> for Value {
    fn from(value: toml::Value) -> Self {
        match value {
            toml::Value::String(text) => Self::Text(text),
            toml::Value::Integer(number) => Self::Integer(number),
            toml::Value::Float(number) => Self::Float(number),
            toml::Value::Boolean(yes) => Self::Bool(yes),
            toml::Value::Datetime(date) => Self::Date(date.to_string()),
            toml::Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            toml::Value::Table(rows) => {
                Self::Map(rows.into_iter().map(|(key, it)| (key, it.into())).collect())
            }
        }
    }
}
