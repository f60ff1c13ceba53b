//! The vSphere Web Services (SOAP, `urn:vim25`) types and methods that a client needs, those of storage policies
//! (`urn:pbm`), whose names begin with `Pbm`, those of single sign-on (`urn:sso`), and those of vSAN (`urn:vsan`).
//!
//! The schemas are committed as plain facts (`facts/*.txt`, extracted by `extract.py`); the file `roots`
//! names the methods, types and properties that are used; `build.rs` generates Rust for the closure of
//! these and nothing else. Adding an API is one line in `roots`.
//!
//! Decoding is lenient, because servers from 6.7 to 9.x answer: unknown elements are skipped, missing ones
//! keep their default, unknown enumeration values keep their text, and an unknown `xsi:type` becomes a
//! [`xml::Dyn`] tree. Encoding is strict: a field that the server's API version does not know is refused,
//! never dropped in silence (see [`xml::Writer::refused`]).
//!
//! ```
//! use vim_types::xml::{MoRef, Request, Writer, ApiVersion};
//! let request = vim_types::methods::CreateFolder { this: MoRef::new("Folder", "group-v3"), name: "a<b".into() };
//! let mut writer = Writer::new(ApiVersion::new([8, 0, 2, 0]));
//! request.write(&mut writer);
//! assert_eq!(writer.as_str(), r#"<_this type="Folder">group-v3</_this><name>a&lt;b</name>"#);
//! ```

pub mod xml;

/// Data objects and enumerations, named as on the wire.
///
/// A data object that has subtypes in use is held by an enum with the suffix `Kind`; inherited fields are in
/// `base`, and every subtype dereferences to it.
#[allow(
    clippy::large_enum_variant,
    clippy::enum_variant_names,
    clippy::upper_case_acronyms,
    non_camel_case_types
)]
pub mod types {
    use crate::xml::*;
    include!(concat!(env!("OUT_DIR"), "/types.rs"));
}

/// Methods of managed objects, as request structs. A method that starts a task ends in `Task` and answers
/// with the reference of a `Task`.
pub mod methods {
    #[allow(unused_imports)]
    use crate::types::*;
    use crate::xml::*;
    include!(concat!(env!("OUT_DIR"), "/methods.rs"));
}
