//! The framework's plain values as messages of the protocol. No decisions are made here.
use super::proto::tfplugin6 as pb;
use bytes::Bytes;
use prost_types::Timestamp;
use std::collections::BTreeMap;
use tf_framework::server::{Catalog, FunctionError, Parameter, Signature};
use tf_framework::{
    Attribute, AttributePath, Block, Diagnostics, NestedBlock, Nesting, Schema, Severity, Step, Type,
};

/// Every message to the user, in order.
pub(super) fn diagnostics(all: Diagnostics) -> Vec<pb::Diagnostic> {
    all.0
        .into_iter()
        .map(|d| pb::Diagnostic {
            severity: match d.severity {
                Severity::Error => pb::diagnostic::Severity::Error.into(),
                Severity::Warning => pb::diagnostic::Severity::Warning.into(),
            },
            summary: d.summary,
            detail: d.detail,
            // A path without steps means the whole resource, which core says by having none.
            attribute: (!d.at.0.is_empty()).then(|| path(&d.at)),
        })
        .collect()
}

/// A place in a value.
pub(super) fn path(path: &AttributePath) -> pb::AttributePath {
    use pb::attribute_path::step::Selector;
    let step = |s: &Step| pb::attribute_path::Step {
        selector: Some(match s {
            Step::Name(n) => Selector::AttributeName(n.clone()),
            Step::Index(i) => Selector::ElementKeyInt(i64::try_from(*i).unwrap_or(i64::MAX)),
            Step::Key(k) => Selector::ElementKeyString(k.clone()),
        }),
    };
    pb::AttributePath { steps: path.0.iter().map(step).collect() }
}

fn type_json(ty: &Type) -> Bytes {
    ty.to_json().to_string().into()
}

/// The schema of one type.
pub(super) fn schema(s: &Schema) -> pb::Schema {
    pb::Schema { version: s.version, block: Some(block(&s.block, s.doc, s.deprecated)) }
}

fn block(b: &Block, doc: &str, deprecated: Option<&str>) -> pb::schema::Block {
    pb::schema::Block {
        version: 0,
        attributes: b.attributes.iter().map(attribute).collect(),
        block_types: b.blocks.iter().map(nested).collect(),
        description: doc.to_owned(),
        description_kind: pb::StringKind::Markdown.into(),
        deprecated: deprecated.is_some(),
        deprecation_message: deprecated.unwrap_or_default().to_owned(),
    }
}

fn attribute(a: &Attribute) -> pb::schema::Attribute {
    pb::schema::Attribute {
        name: a.name.to_owned(),
        r#type: type_json(&a.ty),
        nested_type: None,
        description: a.doc.to_owned(),
        description_kind: pb::StringKind::Markdown.into(),
        required: a.required,
        optional: a.optional,
        computed: a.emit_computed(),
        sensitive: a.sensitive,
        deprecated: a.deprecated.is_some(),
        deprecation_message: a.deprecated.unwrap_or_default().to_owned(),
        write_only: a.write_only,
    }
}

fn nested(b: &NestedBlock) -> pb::schema::NestedBlock {
    use pb::schema::nested_block::NestingMode;
    let limit = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (nesting, min, max) = match b.nesting {
        Nesting::List => (NestingMode::List, limit(b.min), limit(b.max)),
        Nesting::Set => (NestingMode::Set, limit(b.min), limit(b.max)),
        // Core refuses limits on a map, and on a single block anything but 0..0 (optional) and 1..1 (required).
        Nesting::Map => (NestingMode::Map, 0, 0),
        Nesting::Single => (NestingMode::Single, limit(b.min.min(1)), limit(b.min.min(1))),
    };
    pb::schema::NestedBlock {
        type_name: b.name.to_owned(),
        block: Some(block(&b.block, b.doc, b.deprecated)),
        nesting: nesting.into(),
        min_items: min,
        max_items: max,
    }
}

fn function(f: &Signature) -> pb::Function {
    let parameter = |p: &Parameter| pb::function::Parameter {
        name: p.name.to_owned(),
        r#type: type_json(&p.ty),
        allow_null_value: p.allow_null,
        // Core then answers "unknown" by itself and calls only when everything is known.
        allow_unknown_values: false,
        description: p.doc.to_owned(),
        description_kind: pb::StringKind::Markdown.into(),
    };
    pb::Function {
        parameters: f.parameters.iter().map(parameter).collect(),
        variadic_parameter: f.variadic.as_ref().map(parameter),
        r#return: Some(pb::function::Return { r#type: type_json(&f.returns) }),
        summary: f.summary.to_owned(),
        description: f.doc.to_owned(),
        description_kind: pb::StringKind::Markdown.into(),
        deprecation_message: String::new(),
    }
}

/// Every function by name.
pub(super) fn functions(c: &Catalog) -> BTreeMap<String, pb::Function> {
    c.functions.iter().map(|(n, f)| ((*n).to_owned(), function(f))).collect()
}

/// Everything that the provider serves.
pub(super) fn catalog(c: &Catalog) -> pb::get_provider_schema::Response {
    let all = |m: &BTreeMap<&'static str, Schema>| -> BTreeMap<String, pb::Schema> {
        m.iter().map(|(n, s)| ((*n).to_owned(), schema(s))).collect()
    };
    pb::get_provider_schema::Response {
        provider: Some(schema(&c.provider)),
        resource_schemas: all(&c.resources),
        data_source_schemas: all(&c.data_sources),
        ephemeral_resource_schemas: all(&c.ephemerals),
        functions: functions(c),
        server_capabilities: Some(capabilities()),
        ..Default::default()
    }
}

/// The names of everything that the provider serves.
pub(super) fn metadata(c: &Catalog) -> pb::get_metadata::Response {
    use pb::get_metadata as m;
    pb::get_metadata::Response {
        server_capabilities: Some(capabilities()),
        resources: c.resources.keys().map(|n| m::ResourceMetadata { type_name: (*n).into() }).collect(),
        data_sources: c
            .data_sources
            .keys()
            .map(|n| m::DataSourceMetadata { type_name: (*n).into() })
            .collect(),
        ephemeral_resources: c
            .ephemerals
            .keys()
            .map(|n| m::EphemeralResourceMetadata { type_name: (*n).into() })
            .collect(),
        functions: c.functions.keys().map(|n| m::FunctionMetadata { name: (*n).into() }).collect(),
        ..Default::default()
    }
}

fn capabilities() -> pb::ServerCapabilities {
    pb::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: false,
    }
}

/// A function call that failed.
pub(super) fn function_error(e: FunctionError) -> pb::FunctionError {
    pb::FunctionError { text: e.text, function_argument: e.argument }
}

/// Seconds since the epoch.
pub(super) fn timestamp(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_block_has_core_s_limits() {
        let limits = |min, max, nesting| {
            let b = nested(&NestedBlock { min, max, nesting, ..Default::default() });
            (b.nesting, b.min_items, b.max_items)
        };
        assert_eq!(limits(0, 1, Nesting::Single), (1, 0, 0));
        assert_eq!(limits(1, 1, Nesting::Single), (1, 1, 1));
        assert_eq!(limits(1, 8, Nesting::List), (2, 1, 8));
        assert_eq!(limits(0, 0, Nesting::Set), (3, 0, 0));
        assert_eq!(limits(1, 2, Nesting::Map), (4, 0, 0));
    }

    #[test]
    fn an_optional_attribute_is_served_as_computed() {
        let a = attribute(&Attribute { name: "a", ty: Type::String, optional: true, ..Default::default() });
        assert!(a.optional && a.computed);
        let secret =
            attribute(&Attribute { name: "p", optional: true, write_only: true, ..Default::default() });
        assert!(secret.write_only && !secret.computed, "core refuses a computed write-only attribute");
    }

    #[test]
    fn a_path_keeps_its_steps() {
        let p = path(&AttributePath::root().name("disk").index(2).name("tags").key("a"));
        assert_eq!(p.steps.len(), 4);
        let d = Diagnostics::error(AttributePath::root(), "s", "d");
        assert!(diagnostics(d)[0].attribute.is_none());
    }
}
