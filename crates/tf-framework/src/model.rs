use crate::{AttributePath, Block, Diagnostics, Dynamic, Field, Object, Result, Schema, Type, Value};
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
/// The derive refuses an attribute without a doc comment, for the comment is its page; one that is neither required,
/// optional nor computed; and every word that it does not know. Its tests have the messages.
pub trait Model: Fields + Sized + Clone + Send + Sync + 'static {
    /// The schema, where this is a whole type.
    fn schema() -> Schema;

    /// The attributes and blocks.
    fn block() -> Block;

    /// One in which nothing is set.
    fn null() -> Self;

    /// From an untyped value.
    ///
    /// # Errors
    /// Every member of another type, each with its path.
    fn read(v: &Dynamic, at: &AttributePath) -> Result<Self> {
        let mut model = Self::null();
        read(&mut model, v, at)?;
        Ok(model)
    }

    /// As an untyped value.
    fn write(&self) -> Dynamic {
        write(self)
    }

    /// One member, as an untyped value; null where there is none of that name.
    fn value(&self, field: Field) -> Dynamic {
        value(self, field)
    }

    /// Sets one member, which has to be there and of that type.
    fn set_value(&mut self, field: Field, v: &Dynamic) {
        set_value(self, field, v);
    }

    /// Takes some members of another one of the same type.
    fn copy_from(&mut self, other: &Self, fields: &[Field]) {
        for field in fields {
            set_value(self, *field, &value(other, *field));
        }
    }

    /// Sets each attribute to its default that has one and no value.
    fn set_defaults(&mut self, block: &Block) {
        set_defaults(self, block);
    }
}

/// One member of a model, as far as it is the same for all values: made by `#[derive(Model)]`.
#[derive(Debug)]
pub struct Slot {
    /// Its name.
    pub name: &'static str,
    /// The value in a state where there is none of it.
    pub empty: Empty,
}

/// The value in a state where there is none of something.
#[derive(Debug, Clone, Copy)]
pub enum Empty {
    /// Null, for an attribute or a single block.
    Null,
    /// A list of none, for blocks in a list or set.
    List,
    /// A map of none, for blocks in a map.
    Map,
}

impl Empty {
    fn value(self) -> Dynamic {
        match self {
            Self::Null => Dynamic::Null,
            Self::List => Dynamic::List(vec![]),
            Self::Map => Dynamic::Map(Object::new()),
        }
    }
}

/// The members of a model, in turn. What is done with them is compiled once, for all models.
pub trait Fields {
    /// Shows each member.
    fn each(&self, visit: &mut dyn FnMut(&'static Slot, &dyn Attr));

    /// Shows each member, to change it.
    fn each_mut(&mut self, visit: &mut dyn FnMut(&'static Slot, &mut dyn Attr));
}

fn read(to: &mut dyn Fields, v: &Dynamic, at: &AttributePath) -> Result<()> {
    let mut wrong = Diagnostics::default();
    read_members(to, v, &At::Base(at), &mut wrong);
    wrong.into_result(())
}

fn read_members(to: &mut dyn Fields, v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics) {
    to.each_mut(&mut |slot, member| member.read(v.get(slot.name), &At::Name(at, slot.name), wrong));
}

fn write(from: &dyn Fields) -> Dynamic {
    let mut out = Object::new();
    from.each(&mut |slot, member| {
        out.insert(slot.name.to_owned(), member_value(slot, member));
    });
    Dynamic::Map(out)
}

fn member_value(slot: &Slot, member: &dyn Attr) -> Dynamic {
    match member.write() {
        Dynamic::Null => slot.empty.value(),
        other => other,
    }
}

pub(crate) fn value(of: &dyn Fields, field: Field) -> Dynamic {
    let mut out = Dynamic::Null;
    of.each(&mut |slot, member| {
        if slot.name == field.0 {
            out = member_value(slot, member);
        }
    });
    out
}

pub(crate) fn set_value(to: &mut dyn Fields, field: Field, v: &Dynamic) {
    let mut set = false;
    to.each_mut(&mut |slot, member| {
        if slot.name == field.0 {
            let mut wrong = Diagnostics::default();
            member.read(v, &At::Base(&AttributePath::root()), &mut wrong);
            set = wrong.is_empty();
        }
    });
    debug_assert!(set, "`{}` is not a field of that type", field.0);
}

fn set_defaults(to: &mut dyn Fields, block: &Block) {
    to.each_mut(&mut |slot, member| {
        if member.is_null()
            && let Some(default) = block.attribute(slot.name).and_then(|a| a.default.as_ref())
        {
            member.read(default, &At::Base(&AttributePath::root()), &mut Diagnostics::default());
        }
    });
}

/// The members in which `after` is not `before`, as `after` has them.
pub(crate) fn differences(before: &dyn Fields, after: &dyn Fields) -> Object {
    let (before, Dynamic::Map(mut after)) = (write(before), write(after)) else { return Object::new() };
    after.retain(|name, v| before.get(name) != &*v);
    after
}

/// The position of a value. It is converted to a path only for diagnostics.
#[derive(Debug)]
pub enum At<'a> {
    /// Where reading began.
    Base(&'a AttributePath),
    /// An attribute or block.
    Name(&'a At<'a>, &'static str),
    /// An element of a list.
    Index(&'a At<'a>, usize),
    /// An entry of a map.
    Key(&'a At<'a>, &'a str),
}

impl At<'_> {
    fn path(&self) -> AttributePath {
        match self {
            Self::Base(path) => (*path).clone(),
            Self::Name(at, name) => at.path().name(*name),
            Self::Index(at, i) => at.path().index(*i),
            Self::Key(at, key) => at.path().key(*key),
        }
    }
}

/// What the field of a model may be: a [`Value`] of an [`Element`].
pub trait Attr {
    /// Its type.
    fn ty() -> Type
    where
        Self: Sized;

    /// Takes an untyped value. One of another type is added to what is wrong.
    fn read(&mut self, v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics);

    /// As an untyped value.
    fn write(&self) -> Dynamic;

    /// Whether it is not set.
    fn is_null(&self) -> bool;
}

/// What a value may hold.
pub trait Element: Sized {
    /// Whether it can hold values that are not known yet. Otherwise one unknown part makes the whole unknown.
    const HOLDS_UNKNOWN: bool = false;

    /// Its type.
    fn ty() -> Type;

    /// From an untyped value that is neither null nor unknown. One of another type is added to what is wrong.
    fn read(v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics) -> Option<Self>;

    /// As an untyped value.
    fn write(&self) -> Dynamic;
}

/// A model inside of another one, for the derive.
pub fn read_element<M: Model>(v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics) -> Option<M> {
    let mut model = M::null();
    read_members(&mut model, v, at, wrong);
    Some(model)
}

impl<T: Element> Attr for Value<T> {
    fn ty() -> Type {
        T::ty()
    }

    fn read(&mut self, v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics) {
        *self = match v {
            Dynamic::Null => Self::Null,
            Dynamic::Unknown => Self::Unknown,
            v if !T::HOLDS_UNKNOWN && v.has_unknown() => Self::Unknown,
            v => T::read(v, at, wrong).into(),
        };
    }

    fn write(&self) -> Dynamic {
        match self {
            Self::Null => Dynamic::Null,
            Self::Unknown => Dynamic::Unknown,
            Self::Known(v) => v.write(),
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

#[cold]
fn expected<T>(want: &str, at: &At<'_>, wrong: &mut Diagnostics) -> Option<T> {
    let at = at.path();
    let detail = format!("Expected {want} at `{at}`.");
    wrong.merge(Diagnostics::error(at, "The value has the wrong type", detail));
    None
}

impl Element for String {
    fn ty() -> Type {
        Type::String
    }
    fn read(v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics) -> Option<Self> {
        v.as_str().map(str::to_owned).or_else(|| expected("a string", at, wrong))
    }
    fn write(&self) -> Dynamic {
        Dynamic::String(self.clone())
    }
}

impl Element for bool {
    fn ty() -> Type {
        Type::Bool
    }
    fn read(v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics) -> Option<Self> {
        if let Dynamic::Bool(b) = v { Some(*b) } else { expected("true or false", at, wrong) }
    }
    fn write(&self) -> Dynamic {
        Dynamic::Bool(*self)
    }
}

impl Element for i64 {
    fn ty() -> Type {
        Type::Number
    }
    fn read(v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics) -> Option<Self> {
        if let Dynamic::Int(n) = v { Some(*n) } else { expected("a whole number", at, wrong) }
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
    fn read(v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics) -> Option<Self> {
        match v {
            Dynamic::Int(n) => Some(*n as Self),
            Dynamic::Float(x) => Some(*x),
            _ => expected("a number", at, wrong),
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
    fn read(v: &Dynamic, _: &At<'_>, _: &mut Diagnostics) -> Option<Self> {
        Some(v.clone())
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
    fn read(v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics) -> Option<Self> {
        let Dynamic::List(x) = v else { return expected("a list", at, wrong) };
        let mut out = Self::with_capacity(x.len());
        for (i, v) in x.iter().enumerate() {
            out.extend(T::read(v, &At::Index(at, i), wrong));
        }
        Some(out)
    }
    fn write(&self) -> Dynamic {
        Dynamic::List(self.iter().map(T::write).collect())
    }
}

impl<T: Element + Ord> Element for BTreeSet<T> {
    fn ty() -> Type {
        Type::set(T::ty())
    }
    fn read(v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics) -> Option<Self> {
        let Dynamic::List(x) = v else { return expected("a set", at, wrong) };
        let mut out = Self::new();
        for v in x {
            out.extend(T::read(v, at, wrong));
        }
        Some(out)
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
    fn read(v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics) -> Option<Self> {
        let Dynamic::Map(m) = v else { return expected("a map", at, wrong) };
        let mut out = Self::new();
        // A null entry is one that is left out, as for every provider of the old kind.
        for (k, v) in m.iter().filter(|(_, v)| !v.is_null()) {
            out.extend(T::read(v, &At::Key(at, k), wrong).map(|v| (k.clone(), v)));
        }
        Some(out)
    }
    fn write(&self) -> Dynamic {
        Dynamic::object(self.iter().map(|(k, v)| (k.clone(), v.write())))
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
    fn read(v: &Dynamic, at: &At<'_>, wrong: &mut Diagnostics) -> Option<Self> {
        <String as Element>::read(v, at, wrong).map(Self)
    }
    fn write(&self) -> Dynamic {
        Dynamic::String(self.0.clone())
    }
}
