//! `#[derive(Model)]`: one struct is the schema, the conversion and the documentation of a type or block.
//!
//! On the struct: `#[tf(type_name = "vsphere_role", category = "Security", version = 1, deprecated = "…")]`;
//! a nested block needs none of them.
//!
//! On a field, one of
//! - an attribute: `required`, or `optional` and/or `computed`; further `sensitive`, `write_only`, `force_new`,
//!   `volatile`, `unstored`, `default = …`, `same = function`, `level = "attribute"` (of a number of shares), `deprecated = "…"`; checks `one_of("a", "b")`,
//!   `one_of_in = CONSTANT`, `one_of_ignore_case(…)`, `expected("a", "b")` (a warning), `at_least = 1`, `at_most = 9`, `length(1, 80)`, `count(1, 5)`,
//!   `pattern("regex", "in words")`, `check = function`, `advice = function` (a warning),
//!   `form = function` (of an id), and `each(…)` around any of them; relations
//!   `conflicts_with("a")`, `required_with("a")`, `exactly_one_of("a", "b")`, `at_least_one_of("a", "b")`;
//! - a block: `block`, with `set`, `map` or `single` where it is not a list; `min`, `max`, `key = "attribute"`,
//!   `computed`, `force_new`;
//! - `flatten`: the attributes of another model, in this one, which then is `AsRef` and `AsMut` of the other.
//!
//! Each field becomes a constant of its name in capitals, to build attribute paths from.
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Expr, Fields, GenericArgument, LitStr, PathArguments, Token, Type,
    parse_macro_input,
};

/// See the crate's documentation.
#[proc_macro_derive(Model, attributes(tf))]
pub fn derive_model(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(|e| e.to_compile_error()).into()
}

/// The text of the doc comments.
fn docs(attrs: &[Attribute]) -> String {
    let mut out: Vec<String> = vec![];
    for a in attrs.iter().filter(|a| a.path().is_ident("doc")) {
        if let syn::Meta::NameValue(nv) = &a.meta
            && let Expr::Lit(l) = &nv.value
            && let syn::Lit::Str(s) = &l.lit
        {
            let s = s.value();
            out.push(s.strip_prefix(' ').unwrap_or(&s).to_owned());
        }
    }
    out.join("\n").trim().to_owned()
}

#[derive(Default)]
struct Struct {
    type_name: String,
    category: String,
    version: i64,
    deprecated: Option<LitStr>,
}

#[derive(Default)]
struct Options {
    flags: Vec<String>,
    default: Option<Expr>,
    same: Option<Expr>,
    deprecated: Option<LitStr>,
    key: Option<LitStr>,
    level: Option<LitStr>,
    min: Option<Expr>,
    max: Option<Expr>,
    validators: Vec<TokenStream>,
    relations: Vec<TokenStream>,
}

impl Options {
    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }
}

const FLAGS: &[&str] = &[
    "required",
    "optional",
    "computed",
    "sensitive",
    "write_only",
    "force_new",
    "volatile",
    "unstored",
    "block",
    "set",
    "map",
    "single",
    "flatten",
];

fn exprs(m: &ParseNestedMeta<'_>) -> syn::Result<Vec<Expr>> {
    let content;
    syn::parenthesized!(content in m.input);
    Ok(Punctuated::<Expr, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

/// A validator, when `m` names one.
fn validator(m: &ParseNestedMeta<'_>) -> syn::Result<Option<TokenStream>> {
    let name = m.path.get_ident().map(ToString::to_string).unwrap_or_default();
    let v = quote!(::tf_framework::Validator);
    Ok(Some(match name.as_str() {
        "one_of" => {
            let all = exprs(m)?;
            quote!(#v::OneOf(&[#(#all),*]))
        }
        "one_of_in" => {
            let all: Expr = m.value()?.parse()?;
            quote!(#v::OneOf(#all))
        }
        "expected" => {
            let all = exprs(m)?;
            quote!(#v::Expected(&[#(#all),*]))
        }
        "one_of_ignore_case" => {
            let all = exprs(m)?;
            quote!(#v::OneOfIgnoreCase(&[#(#all),*]))
        }
        "at_least" => {
            let n: Expr = m.value()?.parse()?;
            quote!(#v::Range(#n, i64::MAX))
        }
        "at_most" => {
            let n: Expr = m.value()?.parse()?;
            quote!(#v::Range(i64::MIN, #n))
        }
        "length" | "count" | "pattern" | "range" => {
            let two = exprs(m)?;
            let [a, b] = two.as_slice() else { return Err(m.error("expected two values")) };
            match name.as_str() {
                "length" => quote!(#v::Length(#a, #b)),
                "count" => quote!(#v::Count(#a, #b)),
                "range" => quote!(#v::Range(#a, #b)),
                _ => quote!(#v::Pattern(#a, #b)),
            }
        }
        "check" => {
            let f: Expr = m.value()?.parse()?;
            quote!(#v::Custom(#f))
        }
        "advice" => {
            let f: Expr = m.value()?.parse()?;
            quote!(#v::Advice(#f))
        }
        "form" => {
            let f: Expr = m.value()?.parse()?;
            quote!(#v::Form(#f))
        }
        "each" => {
            let mut inner = None;
            m.parse_nested_meta(|m| {
                inner = validator(&m)?;
                if inner.is_some() { Ok(()) } else { Err(m.error("expected a check")) }
            })?;
            let inner = inner.ok_or_else(|| m.error("expected a check"))?;
            quote!(#v::Each(Box::new(#inner)))
        }
        _ => return Ok(None),
    }))
}

fn relation(m: &ParseNestedMeta<'_>) -> syn::Result<Option<TokenStream>> {
    let name = m.path.get_ident().map(ToString::to_string).unwrap_or_default();
    let variant = match name.as_str() {
        "conflicts_with" => "ConflictsWith",
        "required_with" => "RequiredWith",
        "exactly_one_of" => "ExactlyOneOf",
        "at_least_one_of" => "AtLeastOneOf",
        _ => return Ok(None),
    };
    let (variant, others) = (format_ident!("{variant}"), exprs(m)?);
    Ok(Some(quote!(::tf_framework::Relation::#variant(&[#(#others),*]))))
}

fn field_options(attrs: &[Attribute]) -> syn::Result<Options> {
    let mut o = Options::default();
    for a in attrs.iter().filter(|a| a.path().is_ident("tf")) {
        a.parse_nested_meta(|m| {
            let name = m.path.get_ident().map(ToString::to_string).unwrap_or_default();
            if FLAGS.contains(&name.as_str()) {
                o.flags.push(name);
                return Ok(());
            }
            match name.as_str() {
                "default" => o.default = Some(m.value()?.parse()?),
                "same" => o.same = Some(m.value()?.parse()?),
                "deprecated" => o.deprecated = Some(m.value()?.parse()?),
                "key" => o.key = Some(m.value()?.parse()?),
                "level" => o.level = Some(m.value()?.parse()?),
                "min" => o.min = Some(m.value()?.parse()?),
                "max" => o.max = Some(m.value()?.parse()?),
                _ => {
                    if let Some(v) = validator(&m)? {
                        o.validators.push(v);
                    } else if let Some(r) = relation(&m)? {
                        o.relations.push(r);
                    } else {
                        return Err(m.error(format!("`tf` does not support `{name}`")));
                    }
                }
            }
            Ok(())
        })?;
    }
    Ok(o)
}

fn struct_options(input: &DeriveInput) -> syn::Result<Struct> {
    let mut s = Struct::default();
    for a in input.attrs.iter().filter(|a| a.path().is_ident("tf")) {
        a.parse_nested_meta(|m| {
            match m.path.get_ident().map(ToString::to_string).as_deref() {
                Some("type_name") => s.type_name = m.value()?.parse::<LitStr>()?.value(),
                Some("category") => s.category = m.value()?.parse::<LitStr>()?.value(),
                Some("version") => s.version = m.value()?.parse::<syn::LitInt>()?.base10_parse()?,
                Some("deprecated") => s.deprecated = Some(m.value()?.parse()?),
                _ => return Err(m.error("expected `type_name`, `category`, `version` or `deprecated`")),
            }
            Ok(())
        })?;
    }
    Ok(s)
}

#[derive(Default)]
struct Parts {
    consts: Vec<TokenStream>,
    schema: Vec<TokenStream>,
    slots: Vec<TokenStream>,
    null: Vec<TokenStream>,
    each: Vec<TokenStream>,
    each_mut: Vec<TokenStream>,
    flat: Vec<(syn::Ident, Type)>,
}

fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let ident = &input.ident;
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new(ident.span(), "Model needs a struct"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(syn::Error::new(ident.span(), "Model needs named fields"));
    };
    let s = struct_options(input)?;
    let doc = docs(&input.attrs);
    if doc.is_empty() && !s.type_name.is_empty() {
        let why = "needs a doc comment: it is the description of the type on the registry";
        return Err(syn::Error::new(ident.span(), format!("`{ident}` {why}")));
    }
    let mut parts = Parts::default();
    for f in &fields.named {
        field(f, &mut parts)?;
    }
    let Parts { consts, schema, slots, null, each, each_mut, flat } = parts;
    let (flat, inner): (Vec<_>, Vec<_>) = flat.into_iter().unzip();
    let count = slots.len();
    let (type_name, category, version) = (&s.type_name, &s.category, s.version);
    let deprecated = optional(s.deprecated.as_ref());
    Ok(quote! {
        #[automatically_derived]
        impl #ident { #(#consts)* }
        // All that is done with a model is compiled once, over its fields: here is only where they are.
        const _: () = {
            static SLOTS: [::tf_framework::Slot; #count] = [#(#slots),*];
            #[automatically_derived]
            impl ::tf_framework::Fields for #ident {
                fn each(&self, visit: &mut dyn FnMut(&'static ::tf_framework::Slot, &dyn ::tf_framework::Attr)) {
                    #(#each)*
                }
                fn each_mut(
                    &mut self,
                    visit: &mut dyn FnMut(&'static ::tf_framework::Slot, &mut dyn ::tf_framework::Attr),
                ) {
                    #(#each_mut)*
                }
            }
        };
        #(
            #[automatically_derived]
            impl AsRef<#inner> for #ident {
                fn as_ref(&self) -> &#inner { &self.#flat }
            }
            #[automatically_derived]
            impl AsMut<#inner> for #ident {
                fn as_mut(&mut self) -> &mut #inner { &mut self.#flat }
            }
        )*
        #[automatically_derived]
        impl ::tf_framework::Model for #ident {
            fn schema() -> ::tf_framework::Schema {
                ::tf_framework::Schema {
                    version: #version, type_name: #type_name, category: #category, doc: #doc,
                    deprecated: #deprecated, block: <Self as ::tf_framework::Model>::block(),
                }
            }
            fn block() -> ::tf_framework::Block {
                let mut b = ::tf_framework::Block::default();
                #(#schema)*
                b
            }
            fn null() -> Self {
                Self { #(#null),* }
            }
        }
        #[automatically_derived]
        impl ::tf_framework::Element for #ident {
            const HOLDS_UNKNOWN: bool = true;
            fn ty() -> ::tf_framework::Type { <Self as ::tf_framework::Model>::block().ty() }
            fn read(
                v: &::tf_framework::Dynamic,
                at: &::tf_framework::At<'_>,
                wrong: &mut ::tf_framework::Diagnostics,
            ) -> Option<Self> {
                ::tf_framework::read_element(v, at, wrong)
            }
            fn write(&self) -> ::tf_framework::Dynamic { ::tf_framework::Model::write(self) }
        }
    })
}

fn optional(v: Option<&LitStr>) -> TokenStream {
    v.map_or(quote!(None), |v| quote!(Some(#v)))
}

fn field(f: &syn::Field, parts: &mut Parts) -> syn::Result<()> {
    let Some(id) = &f.ident else { return Ok(()) };
    let name = id.to_string().trim_start_matches("r#").to_owned();
    let ty = &f.ty;
    let o = field_options(&f.attrs)?;
    if o.has("flatten") {
        parts.schema.push(quote! {
            let inner = <#ty as ::tf_framework::Model>::block();
            b.attributes.extend(inner.attributes);
            b.blocks.extend(inner.blocks);
        });
        parts.flat.push((id.clone(), ty.clone()));
        parts.null.push(quote!(#id: <#ty as ::tf_framework::Model>::null()));
        parts.each.push(quote!(::tf_framework::Fields::each(&self.#id, visit);));
        parts.each_mut.push(quote!(::tf_framework::Fields::each_mut(&mut self.#id, visit);));
        return Ok(());
    }
    let doc = docs(&f.attrs);
    if doc.is_empty() {
        let why = "needs a doc comment: it is its description in the schema and on the registry";
        return Err(syn::Error::new(f.span(), format!("`{name}` {why}")));
    }
    let konst = format_ident!("{}", name.to_uppercase());
    let says = format!("`{name}`");
    parts.consts.push(quote! {
        #[doc = #says]
        pub const #konst: ::tf_framework::Field = ::tf_framework::Field(#name);
    });
    let slot = parts.slots.len();
    parts.null.push(quote!(#id: ::std::default::Default::default()));
    parts.each.push(quote!(visit(&SLOTS[#slot], &self.#id);));
    parts.each_mut.push(quote!(visit(&SLOTS[#slot], &mut self.#id);));
    let empty = if o.has("block") {
        block(&name, &doc, ty, &o, parts)?
    } else {
        attribute(f, &name, &doc, &o, parts)?;
        quote!(Null)
    };
    parts.slots.push(quote!(::tf_framework::Slot { name: #name, empty: ::tf_framework::Empty::#empty }));
    Ok(())
}

/// Returns the value in a state where there is none of it.
fn block(name: &str, doc: &str, ty: &Type, o: &Options, parts: &mut Parts) -> syn::Result<TokenStream> {
    let nesting = ["set", "map", "single"].into_iter().find(|x| o.has(x)).unwrap_or("list");
    let wrong = || {
        syn::Error::new(
            ty.span(),
            "a block is a `Value<Vec<M>>`, `Value<BTreeMap<String, M>>` or, if single, a `Value<M>`",
        )
    };
    let inner = last_argument(ty).ok_or_else(wrong)?;
    let inner = if nesting == "single" { inner } else { last_argument(inner).ok_or_else(wrong)? };
    let variant = match nesting {
        "set" => quote!(Set),
        "map" => quote!(Map),
        "single" => quote!(Single),
        _ => quote!(List),
    };
    let (computed, force_new) = (o.has("computed"), o.has("force_new"));
    let (key, deprecated) = (optional(o.key.as_ref()), optional(o.deprecated.as_ref()));
    let min = o.min.as_ref().map_or(quote!(0), |e| quote!(#e));
    let max = o.max.as_ref().map_or(quote!(0), |e| quote!(#e));
    parts.schema.push(quote! {
        b.blocks.push(::tf_framework::NestedBlock {
            name: #name, doc: #doc, nesting: ::tf_framework::Nesting::#variant, min: #min, max: #max,
            computed: #computed, force_new: #force_new, key: #key, deprecated: #deprecated,
            block: <#inner as ::tf_framework::Model>::block(),
        });
    });
    Ok(match nesting {
        "single" => quote!(Null),
        "map" => quote!(Map),
        _ => quote!(List),
    })
}

fn attribute(f: &syn::Field, name: &str, doc: &str, o: &Options, parts: &mut Parts) -> syn::Result<()> {
    let ty = &f.ty;
    let (required, optional_, computed) = (o.has("required"), o.has("optional"), o.has("computed"));
    if required == (optional_ || computed) {
        let why = "must be `required`, or `optional` and/or `computed`";
        return Err(syn::Error::new(f.span(), format!("`{name}` {why}")));
    }
    let (sensitive, write_only) = (o.has("sensitive"), o.has("write_only"));
    let (force_new, volatile, unstored) = (o.has("force_new"), o.has("volatile"), o.has("unstored"));
    let deprecated = optional(o.deprecated.as_ref());
    let default = o
        .default
        .as_ref()
        .map_or(quote!(None), |e| quote!(Some(<#ty as ::tf_framework::Attr>::write(&<#ty>::from(#e)))));
    let same = o.same.as_ref().map_or(quote!(None), |e| quote!(Some(#e as ::tf_framework::Same)));
    let level = optional(o.level.as_ref());
    let (validators, relations) = (&o.validators, &o.relations);
    parts.schema.push(quote! {
        b.attributes.push(::tf_framework::Attribute {
            name: #name, ty: <#ty as ::tf_framework::Attr>::ty(), doc: #doc,
            required: #required, optional: #optional_, computed: #computed, sensitive: #sensitive,
            write_only: #write_only, deprecated: #deprecated, force_new: #force_new, volatile: #volatile, unstored: #unstored,
            default: #default, same: #same, level: #level, validators: vec![#(#validators),*], relations: vec![#(#relations),*],
        });
    });
    Ok(())
}

/// `T` of `Outer<T>` or `Outer<K, T>`.
fn last_argument(ty: &Type) -> Option<&Type> {
    if let Type::Path(p) = ty
        && let Some(s) = p.path.segments.last()
        && let PathArguments::AngleBracketed(a) = &s.arguments
        && let Some(GenericArgument::Type(t)) = a.args.last()
    {
        return Some(t);
    }
    None
}

#[cfg(test)]
mod tests;
