use std::collections::BTreeMap;

/// The attributes of an object, or the entries of a map.
pub type Object = BTreeMap<String, Dynamic>;

/// An untyped Terraform value, the common representation of the wire and the models.
///
/// Objects and maps share a variant, and so do lists, sets and tuples: the [`Type`](crate::Type) says which
/// is meant. Numbers are whole where they can be.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Dynamic {
    /// Not set.
    #[default]
    Null,
    /// Not known before apply.
    Unknown,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number that is not whole, or larger than an `i64`.
    Float(f64),
    /// A text.
    String(String),
    /// A list, set or tuple.
    List(Vec<Dynamic>),
    /// An object or a map.
    Map(Object),
}

static NULL: Dynamic = Dynamic::Null;

impl Dynamic {
    /// The empty value, for borrowing.
    pub fn null() -> &'static Self {
        &NULL
    }

    /// An object or a map. To `collect` would be a sort, and 6 KB of code, of its own for each place that does.
    pub fn object(members: impl IntoIterator<Item = (String, Self)>) -> Self {
        let mut out = Object::new();
        for (name, v) in members {
            out.insert(name, v);
        }
        Self::Map(out)
    }

    /// Whether it is not set.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is not known yet.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether it, or anything in it, is not known yet.
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::List(x) => x.iter().any(Self::has_unknown),
            Self::Map(x) => x.values().any(Self::has_unknown),
            _ => false,
        }
    }

    /// Null, `""`, 0, `false`, and an empty list or map: what a provider of the old kind writes for "not set".
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Null | Self::Bool(false) | Self::Int(0) => true,
            Self::Float(x) => *x == 0.0,
            Self::String(s) => s.is_empty(),
            Self::List(x) => x.is_empty(),
            Self::Map(x) => x.is_empty(),
            _ => false,
        }
    }

    /// The attribute or entry of that name; null where there is none.
    pub fn get(&self, name: &str) -> &Self {
        match self {
            Self::Map(m) => m.get(name).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    /// The elements; none if it is not a list.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(x) => x,
            _ => &[],
        }
    }

    /// The text, when it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(s) => Some(s),
            _ => None,
        }
    }
}

impl From<&str> for Dynamic {
    fn from(v: &str) -> Self {
        Self::String(v.to_owned())
    }
}
impl From<String> for Dynamic {
    fn from(v: String) -> Self {
        Self::String(v)
    }
}
impl From<bool> for Dynamic {
    fn from(v: bool) -> Self {
        Self::Bool(v)
    }
}
impl From<i64> for Dynamic {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}
impl From<Vec<Dynamic>> for Dynamic {
    fn from(v: Vec<Dynamic>) -> Self {
        Self::List(v)
    }
}
