use crate::{AttributePath, Block, Diagnostics, Dynamic, Object, Result, Schema, Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One typed shape: schema, and conversion both ways. Derive it.
///
/// ```
/// use tf_framework::{Model, Value};
///
/// /// A role.
/// #[derive(Clone, Model)]
/// #[tf(type_name = "example_role")]
/// struct Role {
///     /// The name of the role.
///     #[tf(required, length(1, 255))]
///     name: Value<String>,
/// }
/// assert!(Role::block().attribute("name").is_some_and(|a| a.required));
/// ```
///
/// An attribute without a doc comment is refused, for the comment is its page:
///
/// ```compile_fail
/// #[derive(Clone, tf_framework::Model)]
/// struct Role {
///     #[tf(required)]
///     name: tf_framework::Value<String>,
/// }
/// ```
///
/// So is one that is neither required, optional nor computed, and a word that the derive does not know:
///
/// ```compile_fail
/// #[derive(Clone, tf_framework::Model)]
/// struct Role {
///     /// The name of the role.
///     name: tf_framework::Value<String>,
/// }
/// ```
///
/// ```compile_fail
/// #[derive(Clone, tf_framework::Model)]
/// struct Role {
///     /// The name of the role.
///     #[tf(required, forcenew)]
///     name: tf_framework::Value<String>,
/// }
/// ```
pub trait Model: Sized + Clone + Send + Sync + 'static {
    /// The schema, where this is a whole type.
    fn schema() -> Schema;

    /// The attributes and blocks.
    fn block() -> Block;

    /// From an untyped value.
    ///
    /// # Errors
    /// A member of another type, with its path.
    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self>;

    /// The members, into an untyped object.
    fn write_into(&self, out: &mut Object);

    /// As an untyped value.
    fn write(&self) -> Dynamic {
        let mut out = Object::new();
        self.write_into(&mut out);
        Dynamic::Map(out)
    }
}

/// What the field of a model may be: a [`Value`] of an [`Element`].
pub trait Attr: Sized {
    /// Its type.
    fn ty() -> Type;

    /// From an untyped value.
    ///
    /// # Errors
    /// A value of another type, with its path.
    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self>;

    /// As an untyped value.
    fn write(&self) -> Dynamic;
}

/// What a value may hold.
pub trait Element: Sized {
    /// Whether it can hold values that are not known yet. Otherwise one unknown part makes the whole unknown.
    const HOLDS_UNKNOWN: bool = false;

    /// Its type.
    fn ty() -> Type;

    /// From an untyped value that is neither null nor unknown.
    ///
    /// # Errors
    /// A value of another type, with its path.
    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self>;

    /// As an untyped value.
    fn write(&self) -> Dynamic;
}

impl<T: Element> Attr for Value<T> {
    fn ty() -> Type {
        T::ty()
    }

    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self> {
        Ok(match v {
            Dynamic::Null => Self::Null,
            Dynamic::Unknown => Self::Unknown,
            v if !T::HOLDS_UNKNOWN && v.has_unknown() => Self::Unknown,
            v => Self::Known(T::read(v, at)?),
        })
    }

    fn write(&self) -> Dynamic {
        match self {
            Self::Null => Dynamic::Null,
            Self::Unknown => Dynamic::Unknown,
            Self::Known(v) => v.write(),
        }
    }
}

fn wrong<T>(at: &AttributePath, want: &str) -> Result<T> {
    let detail = format!("Expected {want} at `{at}`.");
    Err(Diagnostics::error(at.clone(), "The value has the wrong type", detail))
}

impl Element for String {
    fn ty() -> Type {
        Type::String
    }
    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self> {
        v.as_str().map_or_else(|| wrong(at, "a string"), |s| Ok(s.to_owned()))
    }
    fn write(&self) -> Dynamic {
        Dynamic::String(self.clone())
    }
}

impl Element for bool {
    fn ty() -> Type {
        Type::Bool
    }
    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self> {
        if let Dynamic::Bool(b) = v { Ok(*b) } else { wrong(at, "true or false") }
    }
    fn write(&self) -> Dynamic {
        Dynamic::Bool(*self)
    }
}

impl Element for i64 {
    fn ty() -> Type {
        Type::Number
    }
    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self> {
        if let Dynamic::Int(n) = v { Ok(*n) } else { wrong(at, "a whole number") }
    }
    fn write(&self) -> Dynamic {
        Dynamic::Int(*self)
    }
}

impl Element for f64 {
    fn ty() -> Type {
        Type::Number
    }
    #[allow(
        clippy::cast_precision_loss,
        reason = "a number of the configuration is a float where one is asked for"
    )]
    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self> {
        match v {
            Dynamic::Int(n) => Ok(*n as Self),
            Dynamic::Float(x) => Ok(*x),
            _ => wrong(at, "a number"),
        }
    }
    fn write(&self) -> Dynamic {
        Dynamic::Float(*self)
    }
}

impl Element for Dynamic {
    const HOLDS_UNKNOWN: bool = true;
    fn ty() -> Type {
        Type::Any
    }
    fn read(v: &Dynamic, _: &AttributePath) -> Result<Self> {
        Ok(v.clone())
    }
    fn write(&self) -> Dynamic {
        self.clone()
    }
}

impl<T: Element> Element for Vec<T> {
    const HOLDS_UNKNOWN: bool = T::HOLDS_UNKNOWN;
    fn ty() -> Type {
        Type::list(T::ty())
    }
    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self> {
        let Dynamic::List(x) = v else { return wrong(at, "a list") };
        x.iter().enumerate().map(|(i, v)| T::read(v, &at.clone().index(i))).collect()
    }
    fn write(&self) -> Dynamic {
        Dynamic::List(self.iter().map(T::write).collect())
    }
}

impl<T: Element + Ord> Element for BTreeSet<T> {
    fn ty() -> Type {
        Type::set(T::ty())
    }
    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self> {
        let Dynamic::List(x) = v else { return wrong(at, "a set") };
        x.iter().map(|v| T::read(v, at)).collect()
    }
    fn write(&self) -> Dynamic {
        Dynamic::List(self.iter().map(T::write).collect())
    }
}

impl<T: Element> Element for BTreeMap<String, T> {
    const HOLDS_UNKNOWN: bool = T::HOLDS_UNKNOWN;
    fn ty() -> Type {
        Type::map(T::ty())
    }
    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self> {
        let Dynamic::Map(m) = v else { return wrong(at, "a map") };
        // A null entry is one that is left out, as for every provider of the old kind.
        let there = m.iter().filter(|(_, v)| !v.is_null());
        there.map(|(k, v)| Ok((k.clone(), T::read(v, &at.clone().key(k.clone()))?))).collect()
    }
    fn write(&self) -> Dynamic {
        Dynamic::Map(self.iter().map(|(k, v)| (k.clone(), v.write())).collect())
    }
}

/// A text that no log, error or debug print shows.
///
/// ```
/// let p = tf_framework::Secret::from("hunter2");
/// assert_eq!(format!("{p:?}"), "Secret(***)");
/// assert_eq!(p.expose(), "hunter2");
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(v: &str) -> Self {
        Self(v.to_owned())
    }
}

impl From<String> for Secret {
    fn from(v: String) -> Self {
        Self(v)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl Element for Secret {
    fn ty() -> Type {
        Type::String
    }
    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self> {
        <String as Element>::read(v, at).map(Self)
    }
    fn write(&self) -> Dynamic {
        Dynamic::String(self.0.clone())
    }
}
