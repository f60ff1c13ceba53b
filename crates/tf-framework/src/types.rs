use std::collections::BTreeMap;

/// The type of a value, as Terraform knows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Type {
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(T)`
    List(Box<Type>),
    /// `set(T)`
    Set(Box<Type>),
    /// `map(T)`
    Map(Box<Type>),
    /// `object({…})`
    Object(BTreeMap<String, Type>),
    /// `tuple([…])`
    Tuple(Vec<Type>),
    /// `any`: the value carries its type.
    #[default]
    Any,
}

impl Type {
    /// `list(inner)`
    pub fn list(inner: Self) -> Self {
        Self::List(Box::new(inner))
    }

    /// `set(inner)`
    pub fn set(inner: Self) -> Self {
        Self::Set(Box::new(inner))
    }

    /// `map(inner)`
    pub fn map(inner: Self) -> Self {
        Self::Map(Box::new(inner))
    }

    /// The type in the JSON form of the protocol, for example `["list","string"]`.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::{Value as J, json};
        match self {
            Self::Bool => json!("bool"),
            Self::Number => json!("number"),
            Self::String => json!("string"),
            Self::List(t) => json!(["list", t.to_json()]),
            Self::Set(t) => json!(["set", t.to_json()]),
            Self::Map(t) => json!(["map", t.to_json()]),
            Self::Object(m) => {
                let members: serde_json::Map<String, J> =
                    m.iter().map(|(n, t)| (n.clone(), t.to_json())).collect();
                json!(["object", members])
            }
            Self::Tuple(ts) => json!(["tuple", ts.iter().map(Self::to_json).collect::<Vec<_>>()]),
            Self::Any => json!("dynamic"),
        }
    }

    /// The type that a JSON form of the protocol names; `None` where it names none.
    pub fn from_json(v: &serde_json::Value) -> Option<Self> {
        use serde_json::Value as J;
        match v {
            J::String(s) => match s.as_str() {
                "bool" => Some(Self::Bool),
                "number" => Some(Self::Number),
                "string" => Some(Self::String),
                "dynamic" => Some(Self::Any),
                _ => None,
            },
            J::Array(a) if a.len() >= 2 => match a[0].as_str()? {
                "list" => Some(Self::list(Self::from_json(&a[1])?)),
                "set" => Some(Self::set(Self::from_json(&a[1])?)),
                "map" => Some(Self::map(Self::from_json(&a[1])?)),
                "object" => a[1]
                    .as_object()?
                    .iter()
                    .map(|(n, t)| Some((n.clone(), Self::from_json(t)?)))
                    .collect::<Option<_>>()
                    .map(Self::Object),
                "tuple" => {
                    a[1].as_array()?.iter().map(Self::from_json).collect::<Option<_>>().map(Self::Tuple)
                }
                _ => None,
            },
            _ => None,
        }
    }
}
