use crate::validate::{Relation, Validator};
use crate::{Dynamic, Type};
use std::collections::BTreeMap;

/// Whether two values mean the same although they are written differently.
pub type Same = fn(&Dynamic, &Dynamic) -> bool;

/// One attribute, as declared: `computed` keeps the meaning that the official provider gives it.
/// What Terraform sees is [`Attribute::emit_computed`].
#[derive(Debug, Clone, Default)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
    /// Its description, in Markdown.
    pub doc: &'static str,
    /// The configuration must set it.
    pub required: bool,
    /// The configuration may set it.
    pub optional: bool,
    /// The provider says the value where the configuration does not.
    pub computed: bool,
    /// Its value is hidden in plans.
    pub sensitive: bool,
    /// Its value reaches the provider and never the state.
    pub write_only: bool,
    /// What to use instead.
    pub deprecated: Option<&'static str>,
    /// A change needs a new object.
    pub force_new: bool,
    /// Any other change of the resource may change it too.
    pub volatile: bool,
    /// Only a creation or an update needs it, and the server does not keep it. An import cannot know it, and as long as
    /// nothing else changes, that is not a difference. What a read or a destruction needs is not of this kind: Terraform
    /// gives them the state alone.
    pub unstored: bool,
    /// What it is when the configuration leaves it out.
    pub default: Option<Dynamic>,
    /// Values that are written differently and mean the same.
    pub same: Option<Same>,
    /// The attribute beside it that has a level for it. It is a value of its own only where that is `custom`; with any
    /// other level it is the server's number, which never differs.
    pub level: Option<&'static str>,
    /// What a configured value must satisfy.
    pub validators: Vec<Validator>,
    /// Relations to other attributes in the same block.
    pub relations: Vec<Relation>,
}

/// The level with which a number is one of the user's own.
const CUSTOM: &str = "custom";

impl Attribute {
    /// Whether, in this state or plan of its block, it is a number that the level stands for.
    pub(crate) fn is_of_level(&self, block: &Dynamic) -> bool {
        self.level.is_some_and(|l| {
            let level = block.get(l);
            !level.is_unknown() && level.as_str() != Some(CUSTOM)
        })
    }

    /// Whether the schema that Terraform receives lets the provider choose the value.
    ///
    /// Every optional attribute is served as computed, so that a zero which the official provider wrote for
    /// "not set" may stay in the state.
    pub fn emit_computed(&self) -> bool {
        !self.write_only && (self.computed || self.optional)
    }
}

/// How the elements of a block are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Nesting {
    /// In order.
    #[default]
    List,
    /// Without an order.
    Set,
    /// By label.
    Map,
    /// At most one, as an object.
    Single,
}

/// A block in a block.
#[derive(Debug, Clone, Default)]
pub struct NestedBlock {
    /// Its name.
    pub name: &'static str,
    /// Its description, in Markdown.
    pub doc: &'static str,
    /// How its elements are kept.
    pub nesting: Nesting,
    /// The fewest elements.
    pub min: usize,
    /// The most elements; 0 for no limit.
    pub max: usize,
    /// The provider says the elements where the configuration has none.
    pub computed: bool,
    /// A change of its number (list) or content (set) needs a new object.
    pub force_new: bool,
    /// The attribute by which an element of a list is known again.
    pub key: Option<&'static str>,
    /// What to use instead.
    pub deprecated: Option<&'static str>,
    /// What is in it.
    pub block: Block,
}

/// Attributes and blocks.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// The attributes, in the order of declaration.
    pub attributes: Vec<Attribute>,
    /// The nested blocks, in the order of declaration.
    pub blocks: Vec<NestedBlock>,
}

impl Block {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }

    /// The nested block of that name.
    pub fn nested(&self, name: &str) -> Option<&NestedBlock> {
        self.blocks.iter().find(|b| b.name == name)
    }

    /// The type of a value of this block.
    pub fn ty(&self) -> Type {
        let mut members: BTreeMap<String, Type> =
            self.attributes.iter().map(|a| (a.name.to_owned(), a.ty.clone())).collect();
        for b in &self.blocks {
            let inner = b.block.ty();
            let ty = match b.nesting {
                Nesting::List => Type::list(inner),
                Nesting::Set => Type::set(inner),
                Nesting::Map => Type::map(inner),
                Nesting::Single => inner,
            };
            members.insert(b.name.to_owned(), ty);
        }
        Type::Object(members)
    }
}

/// The schema of one type.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// The version of its state.
    pub version: i64,
    /// The name of the type, for example `vsphere_role`; empty for the provider block.
    pub type_name: &'static str,
    /// Its group in the registry.
    pub category: &'static str,
    /// Its description, in Markdown; the first line is the summary.
    pub doc: &'static str,
    /// What to use instead.
    pub deprecated: Option<&'static str>,
    /// What it consists of.
    pub block: Block,
}
