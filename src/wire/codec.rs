//! Values on the wire: MessagePack, read and written along a [`Type`].
//!
//! Three things are Terraform's own. An unknown value is an extension: type 0, or type 12 where Terraform can
//! narrow it down, which is of no use to us. A value of type `any` is a pair: its type, as JSON, and itself. A
//! number that fits neither 64-bit form exactly is a decimal text.
use super::proto::tfplugin6::DynamicValue;
use bytes::Bytes;
use rmp::Marker;
use rmp::encode::{self, RmpWrite as _};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt;
use tf_framework::{AttributePath, Diagnostics, Dynamic, Object, Type};

/// How deep values may nest: far deeper than any schema, and far from the end of the stack.
const MAX_DEPTH: usize = 200;

const UNKNOWN: i8 = 0;
const REFINED_UNKNOWN: i8 = 12;

/// Bytes that are not a value of the type, or a value of another type.
#[derive(Debug, PartialEq)]
pub(super) struct Error {
    at: AttributePath,
    /// Never contains the value: it may be a secret.
    what: String,
    whose: &'static str,
}

/// A configuration cannot contain such a value.
const BUG: &str = "This is a bug in the provider or in Terraform, not in the configuration.";

/// The one thing that can be wrong with a value of the right type.
const NUMBER: &str = "Numbers are kept as whole numbers of 64 bits or as doubles.";

type Result<T> = std::result::Result<T, Error>;

impl Error {
    fn new(at: &AttributePath, what: impl Into<String>) -> Self {
        Self { at: at.clone(), what: what.into(), whose: BUG }
    }

    fn number(at: &AttributePath, what: &str) -> Self {
        Self { at: at.clone(), what: what.to_owned(), whose: NUMBER }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at.0.is_empty() {
            true => write!(f, "{}", self.what),
            false => write!(f, "at {}: {}", self.at, self.what),
        }
    }
}

impl From<Error> for Diagnostics {
    fn from(e: Error) -> Self {
        Self::error(
            e.at,
            "A value does not fit the schema",
            format!("There is an error in the value: {}. {}", e.what, e.whose),
        )
    }
}

/// The value in a message; a missing one is null.
pub(super) fn decode(ty: &Type, message: Option<&DynamicValue>) -> Result<Dynamic> {
    match message {
        Some(m) if !m.msgpack.is_empty() => from_msgpack(ty, &m.msgpack),
        Some(m) if !m.json.is_empty() => from_json(ty, &m.json),
        _ => Ok(Dynamic::Null),
    }
}

/// The message that holds the value.
pub(super) fn encode(ty: &Type, value: &Dynamic) -> Result<DynamicValue> {
    Ok(DynamicValue { msgpack: to_msgpack(ty, value)?.into(), json: Bytes::new() })
}

fn from_msgpack(ty: &Type, bytes: &[u8]) -> Result<Dynamic> {
    let mut reader = Reader { rest: bytes, at: AttributePath::root() };
    let value = reader.value(ty, 0)?;
    match reader.rest {
        [] => Ok(value),
        more => reader.fail(format!("{} bytes follow the value", more.len())),
    }
}

/// Reads from the front of a slice, and knows where in the value it is.
struct Reader<'a> {
    rest: &'a [u8],
    at: AttributePath,
}

impl<'a> Reader<'a> {
    fn fail<T>(&self, what: impl Into<String>) -> Result<T> {
        Err(Error::new(&self.at, what))
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        match self.rest.split_at_checked(n) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => self.fail("the value is cut short"),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    fn marker(&mut self) -> Result<Marker> {
        Ok(Marker::from_u8(self.array::<1>()?[0]))
    }

    /// A length of `N` bytes, which no honest value has when fewer bytes than elements are left.
    fn length<const N: usize>(&mut self) -> Result<usize> {
        let n = self.array::<N>()?.iter().fold(0_usize, |n, b| n << 8 | usize::from(*b));
        if n > self.rest.len() { self.fail("the value is cut short") } else { Ok(n) }
    }

    fn text(&mut self, marker: Marker) -> Result<&'a str> {
        let n = match marker {
            Marker::FixStr(n) => usize::from(n),
            Marker::Str8 => self.length::<1>()?,
            Marker::Str16 => self.length::<2>()?,
            Marker::Str32 => self.length::<4>()?,
            other => return self.wrong("a text", other),
        };
        match std::str::from_utf8(self.take(n)?) {
            Ok(text) => Ok(text),
            Err(_) => self.fail("a text is not UTF-8"),
        }
    }

    fn array_length(&mut self, marker: Marker) -> Result<usize> {
        match marker {
            Marker::FixArray(n) => Ok(usize::from(n)),
            Marker::Array16 => self.length::<2>(),
            Marker::Array32 => self.length::<4>(),
            other => self.wrong("a list", other),
        }
    }

    fn map_length(&mut self, marker: Marker) -> Result<usize> {
        match marker {
            Marker::FixMap(n) => Ok(usize::from(n)),
            Marker::Map16 => self.length::<2>(),
            Marker::Map32 => self.length::<4>(),
            other => self.wrong("a map", other),
        }
    }

    fn wrong<T>(&self, wanted: &str, found: Marker) -> Result<T> {
        self.fail(format!("expected {wanted}, found {}", kind(found)))
    }

    /// Whether the marker begins an extension; then it is read to its end.
    fn unknown(&mut self, marker: Marker) -> Result<bool> {
        let n = match marker {
            Marker::FixExt1 => 1,
            Marker::FixExt2 => 2,
            Marker::FixExt4 => 4,
            Marker::FixExt8 => 8,
            Marker::FixExt16 => 16,
            Marker::Ext8 => self.length::<1>()?,
            Marker::Ext16 => self.length::<2>()?,
            Marker::Ext32 => self.length::<4>()?,
            _ => return Ok(false),
        };
        let kind = i8::from_be_bytes(self.array()?);
        self.take(n)?;
        match kind {
            UNKNOWN | REFINED_UNKNOWN => Ok(true),
            other => self.fail(format!("MessagePack extension {other} has no meaning here")),
        }
    }

    fn value(&mut self, ty: &Type, depth: usize) -> Result<Dynamic> {
        if depth > MAX_DEPTH {
            return self.fail("the value nests too deep");
        }
        let marker = self.marker()?;
        if marker == Marker::Null {
            return Ok(Dynamic::Null);
        }
        if self.unknown(marker)? {
            return Ok(Dynamic::Unknown);
        }
        match ty {
            Type::Bool => match marker {
                Marker::True => Ok(Dynamic::Bool(true)),
                Marker::False => Ok(Dynamic::Bool(false)),
                other => self.wrong("a bool", other),
            },
            Type::Number => self.number(marker),
            Type::String => Ok(Dynamic::String(self.text(marker)?.to_owned())),
            Type::List(inner) | Type::Set(inner) => {
                let n = self.array_length(marker)?;
                (0..n).map(|i| self.element(i, inner, depth)).collect::<Result<_>>().map(Dynamic::List)
            }
            Type::Tuple(inner) => {
                let n = self.array_length(marker)?;
                if n != inner.len() {
                    return self.fail(format!("expected {} elements, found {n}", inner.len()));
                }
                let elements = inner.iter().enumerate().map(|(i, ty)| self.element(i, ty, depth));
                elements.collect::<Result<_>>().map(Dynamic::List)
            }
            Type::Map(inner) => {
                let n = self.map_length(marker)?;
                let mut out = Object::new();
                for _ in 0..n {
                    let key = self.key()?;
                    self.at.0.push(tf_framework::Step::Key(key.clone()));
                    let value = self.value(inner, depth + 1)?;
                    self.at.0.pop();
                    out.insert(key, value);
                }
                Ok(Dynamic::Map(out))
            }
            Type::Object(members) => {
                let n = self.map_length(marker)?;
                let mut out: Object = members.keys().map(|k| (k.clone(), Dynamic::Null)).collect();
                for _ in 0..n {
                    let name = self.key()?;
                    let Some(inner) = members.get(&name) else {
                        return self.fail(format!("there is no attribute {name:?}"));
                    };
                    self.at.0.push(tf_framework::Step::Name(name.clone()));
                    let value = self.value(inner, depth + 1)?;
                    self.at.0.pop();
                    out.insert(name, value);
                }
                Ok(Dynamic::Map(out))
            }
            Type::Any => {
                if self.array_length(marker)? != 2 {
                    return self.fail("expected a type and a value");
                }
                let json = match self.marker()? {
                    Marker::Bin8 => self.length::<1>(),
                    Marker::Bin16 => self.length::<2>(),
                    Marker::Bin32 => self.length::<4>(),
                    other => {
                        let text = self.text(other)?;
                        return self.any(text.as_bytes(), depth);
                    }
                }?;
                let json = self.take(json)?;
                self.any(json, depth)
            }
        }
    }

    fn any(&mut self, type_json: &[u8], depth: usize) -> Result<Dynamic> {
        match serde_json::from_slice(type_json).ok().as_ref().and_then(Type::from_json) {
            Some(ty) => self.value(&ty, depth + 1),
            None => self.fail("the type of a dynamic value cannot be read"),
        }
    }

    fn element(&mut self, i: usize, ty: &Type, depth: usize) -> Result<Dynamic> {
        self.at.0.push(tf_framework::Step::Index(i));
        let value = self.value(ty, depth + 1)?;
        self.at.0.pop();
        Ok(value)
    }

    fn key(&mut self) -> Result<String> {
        let marker = self.marker()?;
        Ok(self.text(marker)?.to_owned())
    }

    fn number(&mut self, marker: Marker) -> Result<Dynamic> {
        let whole = match marker {
            Marker::FixPos(n) => i64::from(n),
            Marker::FixNeg(n) => i64::from(n),
            Marker::U8 => i64::from(u8::from_be_bytes(self.array()?)),
            Marker::U16 => i64::from(u16::from_be_bytes(self.array()?)),
            Marker::U32 => i64::from(u32::from_be_bytes(self.array()?)),
            Marker::I8 => i64::from(i8::from_be_bytes(self.array()?)),
            Marker::I16 => i64::from(i16::from_be_bytes(self.array()?)),
            Marker::I32 => i64::from(i32::from_be_bytes(self.array()?)),
            Marker::I64 => i64::from_be_bytes(self.array()?),
            Marker::U64 => {
                let n = u64::from_be_bytes(self.array()?);
                return number_from_text(&n.to_string()).map_err(|e| Error::number(&self.at, e));
            }
            Marker::F32 => {
                let n = f32::from_be_bytes(self.array()?);
                return number_from_float(n.into()).map_err(|e| Error::number(&self.at, e));
            }
            Marker::F64 => {
                let n = f64::from_be_bytes(self.array()?);
                return number_from_float(n).map_err(|e| Error::number(&self.at, e));
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                let text = self.text(marker)?;
                return number_from_text(text).map_err(|e| Error::number(&self.at, e));
            }
            other => return self.wrong("a number", other),
        };
        Ok(Dynamic::Int(whole))
    }
}

/// What begins with that marker. The marker itself may hold the value.
fn kind(marker: Marker) -> &'static str {
    match marker {
        Marker::Null => "null",
        Marker::True | Marker::False => "a bool",
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => "a text",
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => "bytes",
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => "a list",
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => "a map",
        Marker::Reserved => "nothing",
        _ => "a number",
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the range is checked: a whole f64 below 2^63 is an i64")]
fn number_from_float(n: f64) -> std::result::Result<Dynamic, &'static str> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    match n {
        n if !n.is_finite() => Err("a number is not finite"),
        n if n.fract() == 0.0 && (-LIMIT..LIMIT).contains(&n) => Ok(Dynamic::Int(n as i64)),
        n => Ok(Dynamic::Float(n)),
    }
}

/// A decimal text. Digits after the point are rounded to a double; a whole number is never changed.
fn number_from_text(text: &str) -> std::result::Result<Dynamic, &'static str> {
    if let Ok(n) = text.parse::<i64>() {
        return Ok(Dynamic::Int(n));
    }
    // The parser of the standard library also takes "inf" and "nan".
    let digits = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let Some(n) = text.parse::<f64>().ok().filter(|n| digits && n.is_finite()) else {
        return Err("a number cannot be read");
    };
    let whole = text.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit());
    if whole && format!("{:.0}", n.abs()) != text.trim_start_matches(['+', '-', '0']) {
        return Err("a number is too large to be kept exactly");
    }
    number_from_float(n)
}

fn from_json(ty: &Type, bytes: &[u8]) -> Result<Dynamic> {
    let at = AttributePath::root();
    let json = serde_json::from_slice(bytes).map_err(|e| Error::new(&at, format!("no JSON: {e}")))?;
    json_value(ty, &json, &at)
}

fn json_value(ty: &Type, json: &Json, at: &AttributePath) -> Result<Dynamic> {
    let fail = |what: &str| Err(Error::new(at, format!("expected {what}")));
    match (ty, json) {
        (_, Json::Null) => Ok(Dynamic::Null),
        (Type::Bool, Json::Bool(b)) => Ok(Dynamic::Bool(*b)),
        (Type::Number, Json::Number(n)) => number_from_text(&n.to_string()).map_err(|e| Error::number(at, e)),
        (Type::Number, Json::String(s)) => number_from_text(s).map_err(|e| Error::number(at, e)),
        (Type::String, Json::String(s)) => Ok(Dynamic::String(s.clone())),
        (Type::List(inner) | Type::Set(inner), Json::Array(x)) => x
            .iter()
            .enumerate()
            .map(|(i, v)| json_value(inner, v, &at.clone().index(i)))
            .collect::<Result<_>>()
            .map(Dynamic::List),
        (Type::Tuple(inner), Json::Array(x)) if inner.len() == x.len() => inner
            .iter()
            .zip(x)
            .enumerate()
            .map(|(i, (ty, v))| json_value(ty, v, &at.clone().index(i)))
            .collect::<Result<_>>()
            .map(Dynamic::List),
        (Type::Map(inner), Json::Object(m)) => m
            .iter()
            .map(|(k, v)| Ok((k.clone(), json_value(inner, v, &at.clone().key(k))?)))
            .collect::<Result<_>>()
            .map(Dynamic::Map),
        (Type::Object(members), Json::Object(m)) => {
            if let Some(name) = m.keys().find(|k| !members.contains_key(*k)) {
                return Err(Error::new(at, format!("there is no attribute {name:?}")));
            }
            let member = |(name, ty): (&String, &Type)| {
                let v = m.get(name).unwrap_or(&Json::Null);
                Ok((name.clone(), json_value(ty, v, &at.clone().name(name))?))
            };
            members.iter().map(member).collect::<Result<_>>().map(Dynamic::Map)
        }
        (Type::Any, Json::Object(m)) => match (m.get("type").and_then(Type::from_json), m.get("value")) {
            (Some(ty), Some(v)) => json_value(&ty, v, at),
            _ => fail("a type and a value"),
        },
        (Type::Bool, _) => fail("a bool"),
        (Type::Number, _) => fail("a number"),
        (Type::String, _) => fail("a text"),
        (Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => fail("a list of the right length"),
        (Type::Map(_) | Type::Object(_), _) => fail("a map"),
        (Type::Any, _) => fail("a type and a value"),
    }
}

fn to_msgpack(ty: &Type, value: &Dynamic) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(256);
    write(&mut out, ty, value, &AttributePath::root())?;
    Ok(out)
}

/// How deep a value is follows from its type here, and a type was made by code: no limit is needed.
fn write(out: &mut Vec<u8>, ty: &Type, value: &Dynamic, at: &AttributePath) -> Result<()> {
    // Writing to memory does not fail.
    let never = |e: &dyn fmt::Display| Error::new(at, e.to_string());
    let list_len = |n: usize| u32::try_from(n).map_err(|_| Error::new(at, "the list is too long"));
    match (ty, value) {
        (_, Dynamic::Null) => encode::write_nil(out).map_err(|e| never(&e))?,
        (_, Dynamic::Unknown) => {
            encode::write_ext_meta(out, 1, UNKNOWN).map_err(|e| never(&e))?;
            out.write_bytes(&[0]).map_err(|e| never(&e))?;
        }
        (Type::Any, known) => {
            let ty = type_of(known);
            encode::write_array_len(out, 2).map_err(|e| never(&e))?;
            encode::write_bin(out, ty.to_json().to_string().as_bytes()).map_err(|e| never(&e))?;
            write(out, &ty, known, at)?;
        }
        (Type::Bool, Dynamic::Bool(b)) => encode::write_bool(out, *b).map_err(|e| never(&e))?,
        (Type::Number, Dynamic::Int(n)) => {
            encode::write_sint(out, *n).map_err(|e| never(&e))?;
        }
        (Type::Number, Dynamic::Float(n)) if !n.is_finite() => {
            return Err(Error::number(at, "a number is not finite"));
        }
        // As text, because Terraform reads 0.1 in a configuration as exactly that, and the double is not.
        (Type::Number, Dynamic::Float(n)) if n.fract() != 0.0 => {
            encode::write_str(out, &n.to_string()).map_err(|e| never(&e))?;
        }
        (Type::Number, Dynamic::Float(n)) => encode::write_f64(out, *n).map_err(|e| never(&e))?,
        (Type::String, Dynamic::String(s)) => encode::write_str(out, s).map_err(|e| never(&e))?,
        (Type::List(inner) | Type::Set(inner), Dynamic::List(x)) => {
            encode::write_array_len(out, list_len(x.len())?).map_err(|e| never(&e))?;
            for (i, v) in x.iter().enumerate() {
                write(out, inner, v, &at.clone().index(i))?;
            }
        }
        (Type::Tuple(inner), Dynamic::List(x)) if inner.len() == x.len() => {
            encode::write_array_len(out, list_len(x.len())?).map_err(|e| never(&e))?;
            for (i, (ty, v)) in inner.iter().zip(x).enumerate() {
                write(out, ty, v, &at.clone().index(i))?;
            }
        }
        (Type::Map(inner), Dynamic::Map(m)) => {
            encode::write_map_len(out, list_len(m.len())?).map_err(|e| never(&e))?;
            for (k, v) in m {
                encode::write_str(out, k).map_err(|e| never(&e))?;
                write(out, inner, v, &at.clone().key(k))?;
            }
        }
        (Type::Object(members), Dynamic::Map(m)) => {
            if let Some(name) = m.keys().find(|k| !members.contains_key(*k)) {
                return Err(Error::new(at, format!("there is no attribute {name:?}")));
            }
            encode::write_map_len(out, list_len(members.len())?).map_err(|e| never(&e))?;
            for (name, ty) in members {
                encode::write_str(out, name).map_err(|e| never(&e))?;
                write(out, ty, m.get(name).unwrap_or(Dynamic::null()), &at.clone().name(name))?;
            }
        }
        (ty, _) => return Err(Error::new(at, format!("the value is not of type {}", ty.to_json()))),
    }
    Ok(())
}

/// The type of a value that has to bring its own. A list becomes a tuple and a map an object, since nothing says
/// them apart here; Terraform converts them where it wants the other.
fn type_of(value: &Dynamic) -> Type {
    match value {
        Dynamic::Null | Dynamic::Unknown => Type::Any,
        Dynamic::Bool(_) => Type::Bool,
        Dynamic::Int(_) | Dynamic::Float(_) => Type::Number,
        Dynamic::String(_) => Type::String,
        Dynamic::List(x) => Type::Tuple(x.iter().map(type_of).collect()),
        Dynamic::Map(m) => {
            let members: BTreeMap<_, _> = m.iter().map(|(k, v)| (k.clone(), type_of(v))).collect();
            Type::Object(members)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaf() -> impl Strategy<Value = (Type, Dynamic)> {
        prop_oneof![
            any::<bool>().prop_map(|b| (Type::Bool, Dynamic::Bool(b))),
            any::<i64>().prop_map(|n| (Type::Number, Dynamic::Int(n))),
            (-1e30..1e30).prop_filter_map("whole numbers are Int", |n: f64| {
                let v = number_from_float(n).ok()?;
                matches!(v, Dynamic::Float(_)).then_some((Type::Number, v))
            }),
            ".*".prop_map(|s| (Type::String, Dynamic::String(s))),
        ]
    }

    /// A type and a value of it, with null and unknown anywhere.
    fn typed() -> impl Strategy<Value = (Type, Dynamic)> {
        leaf().prop_recursive(4, 48, 5, |inner| {
            prop_oneof![
                (inner.clone(), 0..4_usize)
                    .prop_map(|((t, v), n)| (Type::list(t), Dynamic::List(vec![v; n]))),
                (inner.clone(), 0..2_usize).prop_map(|((t, v), n)| (Type::set(t), Dynamic::List(vec![v; n]))),
                (inner.clone(), prop::collection::btree_set(".*", 0..4)).prop_map(|((t, v), keys)| {
                    let entries = keys.into_iter().map(|k| (k, v.clone())).collect();
                    (Type::map(t), Dynamic::Map(entries))
                }),
                prop::collection::vec(inner.clone(), 0..4).prop_map(|x| {
                    let (types, values) = x.into_iter().unzip();
                    (Type::Tuple(types), Dynamic::List(values))
                }),
                prop::collection::btree_map("[a-z_]{1,9}", inner.clone(), 0..6).prop_map(|m| {
                    let types = m.iter().map(|(k, (t, _))| (k.clone(), t.clone())).collect();
                    let values = m.into_iter().map(|(k, (_, v))| (k, v)).collect();
                    (Type::Object(types), Dynamic::Map(values))
                }),
                inner.clone().prop_map(|(_, v)| (Type::Any, v)),
                inner.clone().prop_map(|(t, _)| (t, Dynamic::Null)),
                inner.prop_map(|(t, _)| (t, Dynamic::Unknown)),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_comes_back((ty, value) in typed()) {
            let bytes = to_msgpack(&ty, &value).unwrap();
            prop_assert_eq!(from_msgpack(&ty, &bytes).unwrap(), value);
        }

        #[test]
        fn a_value_that_is_cut_short_is_an_error((ty, value) in typed(), cut in any::<prop::sample::Index>()) {
            let bytes = to_msgpack(&ty, &value).unwrap();
            prop_assert!(from_msgpack(&ty, &bytes[..cut.index(bytes.len())]).is_err());
        }

        #[test]
        fn any_bytes_are_a_value_or_an_error((ty, _) in typed(), bytes: Vec<u8>) {
            let _ = from_msgpack(&ty, &bytes);
            let _ = from_json(&ty, &bytes);
        }

        #[test]
        fn a_wrong_type_is_an_error_or_a_value((ty, _) in typed(), (other, value) in typed()) {
            let _ = to_msgpack(&ty, &value);
            let _ = from_msgpack(&ty, &to_msgpack(&other, &value).unwrap());
        }
    }

    #[test]
    fn unknown_in_every_spelling() {
        // As Terraform 1.11 writes it, and refined: not null, with the prefix "vm-".
        for bytes in [&[0xd4, 0, 0][..], &[0xc7, 8, 12, 0x82, 1, 0xc2, 2, 0xa3, b'v', b'm', b'-']] {
            assert_eq!(from_msgpack(&Type::String, bytes), Ok(Dynamic::Unknown));
            assert_eq!(from_msgpack(&Type::Any, bytes), Ok(Dynamic::Unknown));
        }
        assert_eq!(to_msgpack(&Type::String, &Dynamic::Unknown).unwrap(), [0xd4, 0, 0]);
        assert!(from_msgpack(&Type::String, &[0xd4, 5, 0]).is_err());
    }

    #[test]
    fn numbers_in_every_spelling() {
        let text = |s: &str| {
            let mut out = vec![];
            encode::write_str(&mut out, s).unwrap();
            from_msgpack(&Type::Number, &out)
        };
        assert_eq!(text("7"), Ok(Dynamic::Int(7)));
        assert_eq!(text("0.1"), Ok(Dynamic::Float(0.1)));
        assert_eq!(text("1e3"), Ok(Dynamic::Int(1000)));
        assert_eq!(text("18446744073709551616"), Ok(Dynamic::Float(18_446_744_073_709_551_616.0)));
        assert_eq!(text("-18446744073709551616"), Ok(Dynamic::Float(-18_446_744_073_709_551_616.0)));
        for wrong in ["18446744073709551617", "1e999", "inf", "nan", "", "seven", "0x10"] {
            assert!(text(wrong).is_err(), "{wrong}");
        }
        let max = [&[0xcf][..], &u64::MAX.to_be_bytes()].concat();
        assert!(from_msgpack(&Type::Number, &max).is_err(), "2^64-1 is not a double");
        let half = [&[0xcb][..], &0.5_f64.to_be_bytes()].concat();
        assert_eq!(from_msgpack(&Type::Number, &half), Ok(Dynamic::Float(0.5)));
        let nan = [&[0xcb][..], &f64::NAN.to_be_bytes()].concat();
        assert!(from_msgpack(&Type::Number, &nan).is_err());
        assert!(to_msgpack(&Type::Number, &Dynamic::Float(f64::NAN)).is_err());
        assert_eq!(to_msgpack(&Type::Number, &Dynamic::Float(0.1)).unwrap(), [&[0xa3][..], b"0.1"].concat());
    }

    #[test]
    fn an_error_says_where() {
        let ty = Type::Object([("disk".to_owned(), Type::list(Type::Number))].into());
        let mut bytes = vec![];
        encode::write_map_len(&mut bytes, 1).unwrap();
        encode::write_str(&mut bytes, "disk").unwrap();
        encode::write_array_len(&mut bytes, 1).unwrap();
        encode::write_bool(&mut bytes, true).unwrap();
        let e = from_msgpack(&ty, &bytes).unwrap_err().to_string();
        assert_eq!(e, "at disk[0]: expected a number, found a bool");
    }

    #[test]
    fn nothing_nests_without_end() {
        let mut bytes = vec![];
        for _ in 0..100_000 {
            bytes.extend([0x92, 0xc4, 9]);
            bytes.extend(b"\"dynamic\"");
        }
        assert!(from_msgpack(&Type::Any, &bytes).is_err());
    }

    #[test]
    fn what_a_value_leaves_out_is_null() {
        let ty = Type::Object([("a".to_owned(), Type::String), ("b".to_owned(), Type::Bool)].into());
        let value = Dynamic::Map([("a".to_owned(), "x".into())].into());
        let back = from_msgpack(&ty, &to_msgpack(&ty, &value).unwrap()).unwrap();
        assert_eq!(back.get("b"), &Dynamic::Null);
        let extra = Dynamic::Map([("c".to_owned(), "x".into())].into());
        assert!(to_msgpack(&ty, &extra).is_err());
    }

    #[test]
    fn json_along_a_type() {
        let ty = Type::Object(
            [
                ("n".to_owned(), Type::Number),
                ("any".to_owned(), Type::Any),
                ("s".to_owned(), Type::set(Type::String)),
            ]
            .into(),
        );
        let v = from_json(&ty, br#"{"n": 3, "any": {"type": ["list","bool"], "value": [true]}, "s": ["x"]}"#)
            .unwrap();
        assert_eq!(v.get("n"), &Dynamic::Int(3));
        assert_eq!(v.get("any"), &Dynamic::List(vec![true.into()]));
        assert_eq!(v.get("s"), &Dynamic::List(vec!["x".into()]));
        assert!(from_json(&ty, br#"{"n": "x"}"#).is_err());
        assert!(from_json(&ty, br#"{"other": 1}"#).is_err());
        assert!(from_json(&ty, b"{").is_err());
    }
}
