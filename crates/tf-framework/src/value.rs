/// A Terraform value that may not be set, or not be known yet.
///
/// ```
/// use tf_framework::Value;
/// let name: Value<String> = "web".to_owned().into();
/// assert_eq!(name.known().map(String::as_str), Some("web"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Value<T> {
    /// The value is there.
    Known(T),
    /// Not set.
    #[default]
    Null,
    /// Set, but Terraform learns it only while applying.
    Unknown,
}

impl<T> Value<T> {
    /// The value, when it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(v) => Some(v),
            _ => None,
        }
    }

    /// The value, when it is known.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(v) => Some(v),
            _ => None,
        }
    }

    /// Whether it is not set.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is not known yet.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// The value, or the type's default where there is none.
    pub fn get(&self) -> T
    where
        T: Clone + Default,
    {
        self.known().cloned().unwrap_or_default()
    }

    /// Another type of value, where there is one.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Value<U> {
        match self {
            Self::Known(v) => Value::Known(f(v)),
            Self::Null => Value::Null,
            Self::Unknown => Value::Unknown,
        }
    }
}

impl Value<String> {
    /// The text, or `""` where there is none.
    pub fn as_str(&self) -> &str {
        self.known().map_or("", String::as_str)
    }

    /// The text, where there is one that is not empty.
    pub fn non_empty(&self) -> Option<&String> {
        self.known().filter(|text| !text.is_empty())
    }
}

impl<T> Value<Vec<T>> {
    /// The first element, such as the block of a list with at most one.
    pub fn first(&self) -> Option<&T> {
        self.known()?.first()
    }

    /// The list, where there is one that is not empty.
    pub fn non_empty(&self) -> Option<&Vec<T>> {
        self.known().filter(|list| !list.is_empty())
    }
}

impl<T> From<T> for Value<T> {
    fn from(v: T) -> Self {
        Self::Known(v)
    }
}

impl<T> From<Option<T>> for Value<T> {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Self::Known)
    }
}

impl From<&str> for Value<String> {
    fn from(v: &str) -> Self {
        Self::Known(v.to_owned())
    }
}
