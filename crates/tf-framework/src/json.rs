//! Stored states (JSON) as values of a type, leniently: what another provider wrote is to be read too.
use crate::{AttributePath, Diagnostics, Dynamic, Object, Result, Type};
use serde_json::Value as Json;

/// A stored value, read as `ty`: unknown members are dropped, missing ones are null, a number is accepted for a
/// text and vice versa.
///
/// # Errors
/// A value that cannot be of that type, with its path.
pub fn decode(ty: &Type, json: &Json) -> Result<Dynamic> {
    read(ty, json, &AttributePath::root())
}

fn read(ty: &Type, json: &Json, at: &AttributePath) -> Result<Dynamic> {
    let wrong = |want: &str| {
        Err(Diagnostics::error(
            at.clone(),
            "The stored state does not fit the schema",
            format!("Expected {want} at `{at}`."),
        ))
    };
    Ok(match (ty, json) {
        (_, Json::Null) => Dynamic::Null,
        (Type::Any, v) => any(v),
        (Type::Bool, Json::Bool(b)) => Dynamic::Bool(*b),
        (Type::Bool, Json::String(s)) => match s.as_str() {
            "true" | "1" => Dynamic::Bool(true),
            "false" | "0" => Dynamic::Bool(false),
            _ => return wrong("a bool"),
        },
        (Type::Number, v @ (Json::Number(_) | Json::String(_))) => match number(v) {
            Some(n) => n,
            None => return wrong("a number"),
        },
        (Type::String, Json::String(s)) => Dynamic::String(s.clone()),
        (Type::String, v @ (Json::Number(_) | Json::Bool(_))) => Dynamic::String(v.to_string()),
        (Type::List(t) | Type::Set(t), Json::Array(x)) => Dynamic::List(
            x.iter().enumerate().map(|(i, v)| read(t, v, &at.clone().index(i))).collect::<Result<_>>()?,
        ),
        (Type::Tuple(ts), Json::Array(x)) => Dynamic::List(
            ts.iter()
                .zip(x)
                .enumerate()
                .map(|(i, (t, v))| read(t, v, &at.clone().index(i)))
                .collect::<Result<_>>()?,
        ),
        (Type::Map(t), Json::Object(m)) => Dynamic::Map(
            m.iter()
                .map(|(k, v)| Ok((k.clone(), read(t, v, &at.clone().key(k.clone()))?)))
                .collect::<Result<_>>()?,
        ),
        (Type::Object(ts), Json::Object(m)) => {
            let mut out = Object::new();
            for (name, t) in ts {
                let v = m.get(name).unwrap_or(&Json::Null);
                out.insert(name.clone(), read(t, v, &at.clone().name(name.clone()))?);
            }
            Dynamic::Map(out)
        }
        _ => return wrong("another type"),
    })
}

fn number(v: &Json) -> Option<Dynamic> {
    let text = match v {
        Json::String(s) => s.clone(),
        other => other.to_string(),
    };
    match text.parse::<i64>() {
        Ok(n) => Some(Dynamic::Int(n)),
        Err(_) => text.parse::<f64>().ok().map(Dynamic::Float),
    }
}

fn any(v: &Json) -> Dynamic {
    match v {
        Json::Null => Dynamic::Null,
        Json::Bool(b) => Dynamic::Bool(*b),
        Json::Number(_) => number(v).unwrap_or_default(),
        Json::String(s) => Dynamic::String(s.clone()),
        Json::Array(x) => Dynamic::List(x.iter().map(any).collect()),
        Json::Object(m) => Dynamic::object(m.iter().map(|(k, v)| (k.clone(), any(v)))),
    }
}
