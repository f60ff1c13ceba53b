//! Reading and writing the XML of `urn:vim25`: the run time of the generated types.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use quick_xml::events::{BytesStart, Event};
use secrecy::{ExposeSecret as _, SecretString};

/// How deep elements may nest before decoding gives up; the deepest answer of a real server is below 40.
pub const MAX_DEPTH: u32 = 200;

/// An answer that cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Not well-formed XML.
    Syntax(String),
    /// The text of an element is not a value of its type.
    Value {
        /// The type that was expected, as in the schema (`int`, `boolean`, …).
        expected: &'static str,
    },
    /// The document ended inside an element.
    Truncated,
    /// Elements nest deeper than [`MAX_DEPTH`].
    TooDeep,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Syntax(text) => write!(f, "not well-formed XML: {text}"),
            // The text itself stays out: it may be a secret.
            Error::Value { expected } => write!(f, "a value is not of type {expected}"),
            Error::Truncated => f.write_str("the XML document ends too early"),
            Error::TooDeep => write!(f, "XML elements nest deeper than {MAX_DEPTH}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<quick_xml::Error> for Error {
    fn from(error: quick_xml::Error) -> Self {
        Error::Syntax(error.to_string())
    }
}

/// A data object that is read: its fields by name. Implemented by generated types.
///
/// Reading and writing are two traits, so that a type that is only read has no code to write it.
pub trait Object {
    /// The field of that name, to be read; nothing when there is none.
    fn field(&mut self, name: &str) -> Option<&mut dyn Value>;
}

/// A data object that is written. Implemented by generated types.
pub trait WriteObject {
    /// The name of the type on the wire.
    fn type_name(&self) -> &'static str;
    /// Writes all fields in wire order.
    fn write_fields(&self, writer: &mut Writer);
}

/// A value that is read from an element (many: one element each).
pub trait Value {
    /// Reads the current element of the reader, to its end. A list takes it as one more item.
    ///
    /// # Errors
    /// When the element cannot be decoded.
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error>;
    /// Reads the value of a property (`val`): a list takes the children, for there a list is an `ArrayOf…`.
    ///
    /// # Errors
    /// When the element cannot be decoded.
    fn read_property(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        self.read(reader)
    }
    /// Whether there is anything to write.
    fn is_set(&self) -> bool {
        true
    }
}

/// A value that is written as an element (many: one element each).
pub trait Write: Value {
    /// Writes the value as elements of that name; nothing when it is absent.
    fn write(&self, writer: &mut Writer, name: &'static str);
}

/// A method call.
pub trait Request {
    /// What the method returns.
    type Response: Value + Default + Send;
    /// The name of the method on the wire.
    const NAME: &'static str;
    /// The privilege the method needs on its object, where the schema says so.
    const PRIVILEGE: Option<&'static str>;
    /// The namespace of the method, without `urn:`. It also identifies the service: `vim25`, `pbm` or `sso`.
    const NAMESPACE: &'static str = "vim25";
    /// Writes `_this` and the parameters.
    fn write(&self, writer: &mut Writer);
}

/// A vSphere API version, ordered.
///
/// ```
/// use vim_types::xml::ApiVersion;
/// let v: ApiVersion = "8.0.2.0".parse().unwrap();
/// assert!(v > "6.7".parse().unwrap());
/// assert_eq!(v.to_string(), "8.0.2.0");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion([u16; 4]);

impl ApiVersion {
    /// A version from its four numbers.
    pub const fn new(parts: [u16; 4]) -> Self {
        ApiVersion(parts)
    }
}

impl FromStr for ApiVersion {
    type Err = std::num::ParseIntError;
    /// Dotted numbers; what is after the fourth is ignored, as is a suffix such as `u2`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = [0; 4];
        for (slot, part) in parts.iter_mut().zip(text.split('.')) {
            let digits: &str = &part[..part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len())];
            *slot = digits.parse()?;
        }
        Ok(ApiVersion(parts))
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0;
        write!(f, "{a}.{b}.{c}.{d}")
    }
}

/// A pull reader positioned on an element; reading a value consumes that element.
pub struct Reader<'a> {
    inner: quick_xml::Reader<&'a [u8]>,
    text: &'a str,
    current: BytesStart<'a>,
    depth: u32,
}

impl<'a> Reader<'a> {
    /// A reader before the first element.
    pub fn new(text: &'a str) -> Self {
        let mut inner = quick_xml::Reader::from_str(text);
        inner.config_mut().expand_empty_elements = true;
        // The names of end tags are not compared here, because that costs a tenth of the time.
        inner.config_mut().check_end_names = false;
        Reader { inner, text, current: BytesStart::new(""), depth: 0 }
    }

    /// Advances to the next child; false at the end of the current element.
    ///
    /// # Errors
    /// When the document is not well-formed or nests too deep.
    pub fn next_child(&mut self) -> Result<bool, Error> {
        loop {
            match self.inner.read_event()? {
                Event::Start(start) => {
                    self.enter(start)?;
                    return Ok(true);
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(false);
                }
                Event::Eof if self.depth == 0 => return Ok(false),
                Event::Eof => return Err(Error::Truncated),
                _ => {}
            }
        }
    }

    fn enter(&mut self, start: BytesStart<'a>) -> Result<(), Error> {
        self.current = start;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Error::TooDeep) } else { Ok(()) }
    }

    /// The local name of the current element.
    pub fn name(&self) -> &str {
        self.current.local_name().into_inner()
    }

    /// The current element's `xsi:type` without its prefix; empty when there is none.
    pub fn xsi_type(&self) -> &str {
        let mut rest = self.current.attributes_raw();
        while let Some(at) = rest.find(":type=") {
            let value = &rest[at + 6..];
            let quote = value.chars().next().unwrap_or('"');
            let value = value.get(1..).unwrap_or("");
            let value = &value[..value.find(quote).unwrap_or(value.len())];
            // Only one attribute with a prefix is called `type` in these documents.
            if !value.is_empty() {
                return value.rsplit(':').next().unwrap_or(value);
            }
            rest = &rest[at + 6..];
        }
        ""
    }

    /// An attribute of the current element by its full name; empty when there is none.
    pub fn attribute(&self, name: &str) -> String {
        for attribute in self.current.attributes().with_checks(false).flatten() {
            if attribute.key.0 == name {
                return attribute.value.into_owned();
            }
        }
        String::new()
    }

    /// An attribute of the current element by its local name, whatever its prefix.
    pub fn local_attribute(&self, name: &str) -> Option<String> {
        for attribute in self.current.attributes().with_checks(false).flatten() {
            if attribute.key.local_name().into_inner() == name {
                let plain = quick_xml::escape::unescape(&attribute.value).map(Cow::into_owned);
                return Some(plain.unwrap_or_else(|_| attribute.value.into_owned()));
            }
        }
        None
    }

    /// The byte offset in the document, just after the last thing read.
    pub fn position(&self) -> usize {
        usize::try_from(self.inner.buffer_position()).unwrap_or(usize::MAX).min(self.text.len())
    }

    /// Reads the current element into a data object; what it does not know is skipped.
    ///
    /// # Errors
    /// When a field cannot be decoded.
    pub fn object(&mut self, object: &mut dyn Object) -> Result<(), Error> {
        while self.next_child()? {
            let current = self.current.clone();
            match object.field(current.local_name().into_inner()) {
                Some(field) => field.read(self)?,
                None => self.skip()?,
            }
        }
        Ok(())
    }

    /// Skips the current element.
    ///
    /// # Errors
    /// When the document is not well-formed.
    pub fn skip(&mut self) -> Result<(), Error> {
        let mut open = 1_u32;
        loop {
            match self.inner.read_event()? {
                Event::Start(_) => open += 1,
                Event::End(_) => {
                    open -= 1;
                    if open == 0 {
                        self.depth = self.depth.saturating_sub(1);
                        return Ok(());
                    }
                }
                Event::Eof => return Err(Error::Truncated),
                _ => {}
            }
        }
    }

    /// The text of the current element.
    ///
    /// # Errors
    /// When the document is not well-formed.
    pub fn text(&mut self) -> Result<Cow<'a, str>, Error> {
        let mut text: Cow<'a, str> = Cow::Borrowed("");
        loop {
            match self.inner.read_event()? {
                Event::Text(part) => {
                    let part: Cow<'a, str> = part.into_inner();
                    if text.is_empty() { text = part } else { text.to_mut().push_str(&part) }
                }
                Event::GeneralRef(reference) => push_reference(&reference, text.to_mut()),
                Event::CData(part) => text.to_mut().push_str(&part),
                Event::Start(start) => {
                    self.enter(start)?;
                    self.skip()?;
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(text);
                }
                Event::Eof => return Err(Error::Truncated),
                _ => {}
            }
        }
    }

    /// The current element as a tree.
    ///
    /// # Errors
    /// When the document is not well-formed or nests too deep.
    pub fn dynamic(&mut self) -> Result<Dyn, Error> {
        let mut tree = Dyn {
            name: self.name().into(),
            type_name: self.xsi_type().into(),
            reference: self.attribute("type").into(),
            text: String::new(),
            children: Vec::new(),
        };
        loop {
            match self.inner.read_event()? {
                Event::Start(start) => {
                    self.enter(start)?;
                    tree.children.push(self.dynamic()?);
                }
                Event::Text(part) => tree.text.push_str(&part),
                Event::CData(part) => tree.text.push_str(&part),
                Event::GeneralRef(reference) => push_reference(&reference, &mut tree.text),
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    if !tree.children.is_empty() {
                        // Between elements there is only the server's indentation.
                        tree.text.clear();
                    }
                    return Ok(tree);
                }
                Event::Eof => return Err(Error::Truncated),
                _ => {}
            }
        }
    }
}

/// Character references and the five entities of XML; others cannot be declared here and are dropped.
fn push_reference(reference: &quick_xml::events::BytesRef<'_>, out: &mut String) {
    match &**reference {
        "lt" => out.push('<'),
        "gt" => out.push('>'),
        "amp" => out.push('&'),
        "quot" => out.push('"'),
        "apos" => out.push('\''),
        _ => {
            if let Ok(Some(c)) = reference.resolve_char_ref() {
                out.push(c);
            }
        }
    }
}

/// Any element as a tree: what is read when the type is not known, and a way to send what is not generated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dyn {
    /// The local name of the element.
    pub name: Box<str>,
    /// Its `xsi:type` without prefix; empty when there is none.
    pub type_name: Box<str>,
    /// The attribute `type`: the kind of a managed object reference; empty when there is none.
    pub reference: Box<str>,
    /// Its text, when it has no children.
    pub text: String,
    /// Its children in order.
    pub children: Vec<Dyn>,
}

impl Dyn {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Dyn> {
        self.children.iter().find(|c| &*c.name == name)
    }

    /// The children of that name.
    pub fn children<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Dyn> {
        self.children.iter().filter(move |c| &*c.name == name)
    }

    /// The text of the first child of that name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|c| c.text.as_str())
    }

    /// The element as a managed object reference, when it is one.
    pub fn moref(&self) -> Option<MoRef> {
        (!self.reference.is_empty()).then(|| MoRef::new(&*self.reference, self.text.as_str()))
    }
}

/// A reference to a managed object: its kind and its id, which is unique within one vCenter.
///
/// ```
/// use vim_types::xml::MoRef;
/// let folder: MoRef = "Folder:group-v3".parse().unwrap();
/// assert_eq!(folder, MoRef::new("Folder", "group-v3"));
/// assert_eq!(folder.to_string(), "Folder:group-v3");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MoRef {
    /// The kind of the managed object (`VirtualMachine`, `Folder`, …).
    pub ty: Box<str>,
    /// The id (`vm-42`, `group-v3`, …).
    pub id: Box<str>,
}

impl MoRef {
    /// A reference of that kind and id.
    pub fn new(ty: impl Into<Box<str>>, id: impl Into<Box<str>>) -> Self {
        MoRef { ty: ty.into(), id: id.into() }
    }
}

impl fmt::Display for MoRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.ty, self.id)
    }
}

/// A text that is not `kind:id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAMoRef(String);

impl fmt::Display for NotAMoRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a managed object reference (kind:id)", self.0)
    }
}

impl std::error::Error for NotAMoRef {}

impl FromStr for MoRef {
    type Err = NotAMoRef;
    /// Reads `kind:id`; an id may contain colons.
    fn from_str(text: &str) -> Result<Self, NotAMoRef> {
        match text.split_once(':') {
            Some((ty, id)) if !ty.is_empty() && !id.is_empty() => Ok(MoRef::new(ty, id)),
            _ => Err(NotAMoRef(text.to_owned())),
        }
    }
}

/// A text that must not be seen: it is redacted in `Debug`, has no `Display`, and is wiped when dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(SecretString::from(text.into()))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl Default for Secret {
    fn default() -> Self {
        Secret::new("")
    }
}

impl From<SecretString> for Secret {
    fn from(text: SecretString) -> Self {
        Secret(text)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Bytes, base64 on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binary(pub Vec<u8>);

/// A fault inside data (`LocalizedMethodFault`): a task's error, the reason why a property is missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LocalizedFault {
    /// The type of the fault (`NoPermission`, …).
    pub name: Box<str>,
    /// The server's message, possibly empty.
    pub message: String,
    /// The fault's own fields.
    pub detail: Dyn,
}

/// A value whose type the schema leaves open.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Any {
    /// Nothing.
    #[default]
    Nil,
    /// `xsd:string`
    String(String),
    /// `xsd:boolean`
    Bool(bool),
    /// `xsd:int`
    Int(i32),
    /// `xsd:long`
    Long(i64),
    /// A reference to a managed object.
    Ref(MoRef),
    /// Everything else.
    Dyn(Box<Dyn>),
}

impl Any {
    /// A text, a boolean or a number as a text: the value of an option.
    pub fn to_text(&self) -> Option<String> {
        match self {
            Any::String(text) => Some(text.clone()),
            Any::Bool(value) => Some(value.to_string()),
            Any::Int(number) => Some(number.to_string()),
            Any::Long(number) => Some(number.to_string()),
            Any::Nil | Any::Ref(_) | Any::Dyn(_) => None,
        }
    }
}

/// Where a field was refused: the server is too old for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The data type or method that has the field.
    pub owner: &'static str,
    /// The field.
    pub field: &'static str,
    /// The API version that introduced it.
    pub since: ApiVersion,
}

/// Writes values as XML for a server of a given version.
pub struct Writer {
    out: String,
    server: ApiVersion,
    refused: Option<Refused>,
}

impl Writer {
    /// A writer for a server of that API version.
    pub fn new(server: ApiVersion) -> Self {
        Writer { out: String::new(), server, refused: None }
    }

    /// What has been written.
    pub fn as_str(&self) -> &str {
        &self.out
    }

    /// What has been written, and the first field that had to be refused.
    ///
    /// # Errors
    /// The first field that is set and that the server's version does not know.
    pub fn finish(self) -> Result<String, Refused> {
        self.refused.map_or(Ok(self.out), Err)
    }

    /// The first field that is set and that the server's version does not know.
    pub fn refused(&self) -> Option<&Refused> {
        self.refused.as_ref()
    }

    /// Appends markup as it is.
    pub fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    fn open(&mut self, name: &str, xsi_type: &str) {
        self.out.push('<');
        self.out.push_str(name);
        if !xsi_type.is_empty() {
            self.out.push_str(" xsi:type=\"");
            self.out.push_str(xsi_type);
            self.out.push('"');
        }
        self.out.push('>');
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn typed_leaf(&mut self, name: &str, xsi_type: &str, text: &str) {
        self.open(name, xsi_type);
        // Characters that XML 1.0 cannot carry would make the whole request unreadable.
        let clean: Cow<'_, str> = if text.chars().any(is_unwritable) {
            Cow::Owned(text.chars().filter(|c| !is_unwritable(*c)).collect())
        } else {
            Cow::Borrowed(text)
        };
        let escaped = quick_xml::escape::partial_escape(&*clean);
        // Readers of XML take a carriage return for a line feed, or for nothing before one.
        for (n, line) in escaped.split('\r').enumerate() {
            if n > 0 {
                self.out.push_str("&#13;");
            }
            self.out.push_str(line);
        }
        self.close(name);
    }

    /// Writes an element with text.
    pub fn leaf(&mut self, name: &str, text: &str) {
        self.typed_leaf(name, "", text);
    }

    /// Writes a data object; `explicit` names its type, which is needed where a base type is declared.
    pub fn object(&mut self, name: &'static str, object: &dyn WriteObject, explicit: bool) {
        self.open(name, if explicit { object.type_name() } else { "" });
        object.write_fields(self);
        self.close(name);
    }

    /// Writes a field that came with an API version; it is refused when the server is older and it is set.
    pub fn since(&mut self, since: ApiVersion, owner: &'static str, field: &'static str, value: &dyn Write) {
        if self.server >= since {
            value.write(self, field);
        } else if value.is_set() {
            self.refused.get_or_insert(Refused { owner, field, since });
        }
    }

    /// Writes a tree.
    pub fn dynamic(&mut self, name: &str, tree: &Dyn) {
        if tree.children.is_empty() && !tree.reference.is_empty() {
            self.reference(name, &tree.type_name, &tree.reference, &tree.text);
        } else if tree.children.is_empty() {
            // A tree that was read has the types of XML Schema without their prefix.
            match SCHEMA_TYPES.contains(&&*tree.type_name) {
                true => self.typed_leaf(name, &format!("xsd:{}", tree.type_name), &tree.text),
                false => self.typed_leaf(name, &tree.type_name, &tree.text),
            }
        } else {
            self.open(name, &tree.type_name);
            for child in &tree.children {
                self.dynamic(&child.name, child);
            }
            self.close(name);
        }
    }

    fn reference(&mut self, name: &str, xsi_type: &str, ty: &str, id: &str) {
        self.out.push('<');
        self.out.push_str(name);
        if !xsi_type.is_empty() {
            self.out.push_str(" xsi:type=\"");
            self.out.push_str(xsi_type);
            self.out.push('"');
        }
        self.out.push_str(" type=\"");
        self.out.push_str(&quick_xml::escape::escape(ty));
        self.out.push_str("\">");
        self.out.push_str(&quick_xml::escape::partial_escape(id));
        self.close(name);
    }
}

/// The types of XML Schema that values without a declared type have.
const SCHEMA_TYPES: [&str; 9] =
    ["string", "boolean", "int", "long", "short", "byte", "double", "float", "dateTime"];

/// Whether XML 1.0 has no way to write the character.
fn is_unwritable(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

macro_rules! numbers {
    ($($rust:ty => $wire:literal),*) => {$(
        impl Value for $rust {
            fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
                let text = reader.text()?;
                *self = text.trim().parse().map_err(|_| Error::Value { expected: $wire })?;
                Ok(())
            }
        }
        impl Write for $rust {
            fn write(&self, writer: &mut Writer, name: &'static str) {
                writer.leaf(name, &self.to_string());
            }
        }
    )*};
}
impl Value for i8 {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        let text = reader.text()?;
        let text = text.trim();
        // Servers write bytes with their sign; what other programs have processed may be without one.
        let unsigned = || text.parse::<u8>().ok().map(|b| b as i8);
        *self = text.parse().ok().or_else(unsigned).ok_or(Error::Value { expected: "byte" })?;
        Ok(())
    }
}
impl Write for i8 {
    fn write(&self, writer: &mut Writer, name: &'static str) {
        writer.leaf(name, &self.to_string());
    }
}
numbers!(i16 => "short", i32 => "int", i64 => "long", f32 => "float", f64 => "double");

impl Value for () {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        reader.skip()
    }
    fn is_set(&self) -> bool {
        false
    }
}
impl Write for () {
    fn write(&self, _: &mut Writer, _: &'static str) {}
}

impl Value for bool {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        *self = match reader.text()?.trim() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return Err(Error::Value { expected: "boolean" }),
        };
        Ok(())
    }
}
impl Write for bool {
    fn write(&self, writer: &mut Writer, name: &'static str) {
        writer.leaf(name, if *self { "true" } else { "false" });
    }
}

impl Value for String {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        *self = reader.text()?.into_owned();
        Ok(())
    }
}
impl Write for String {
    fn write(&self, writer: &mut Writer, name: &'static str) {
        writer.leaf(name, self);
    }
}

impl Value for Secret {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        *self = Secret::new(reader.text()?);
        Ok(())
    }
}
impl Write for Secret {
    fn write(&self, writer: &mut Writer, name: &'static str) {
        writer.leaf(name, self.expose());
    }
}

impl Value for Binary {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        let text: String = reader.text()?.split_whitespace().collect();
        self.0 = BASE64.decode(text).map_err(|_| Error::Value { expected: "base64Binary" })?;
        Ok(())
    }
}
impl Write for Binary {
    fn write(&self, writer: &mut Writer, name: &'static str) {
        writer.leaf(name, &BASE64.encode(&self.0));
    }
}

impl Value for MoRef {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        self.ty = reader.attribute("type").into();
        self.id = reader.text()?.into();
        Ok(())
    }
}
impl Write for MoRef {
    fn write(&self, writer: &mut Writer, name: &'static str) {
        writer.reference(name, "", &self.ty, &self.id);
    }
}

impl Value for LocalizedFault {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        while reader.next_child()? {
            match reader.name() {
                "fault" => {
                    self.detail = reader.dynamic()?;
                    self.name = self.detail.type_name.clone();
                }
                "localizedMessage" => self.message.read(reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    }
}
impl Write for LocalizedFault {
    fn write(&self, writer: &mut Writer, name: &'static str) {
        writer.open(name, "");
        writer.dynamic("fault", &self.detail);
        writer.leaf("localizedMessage", &self.message);
        writer.close(name);
    }
}

impl Value for Dyn {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        *self = reader.dynamic()?;
        Ok(())
    }
}
impl Write for Dyn {
    fn write(&self, writer: &mut Writer, name: &'static str) {
        writer.dynamic(name, self);
    }
}

impl Value for Any {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        fn value<T: Value + Default>(reader: &mut Reader<'_>) -> Result<T, Error> {
            let mut value = T::default();
            value.read(reader)?;
            Ok(value)
        }
        *self = match reader.xsi_type() {
            "string" => Any::String(value(reader)?),
            "boolean" => Any::Bool(value(reader)?),
            "int" => Any::Int(value(reader)?),
            "long" => Any::Long(value(reader)?),
            "ManagedObjectReference" => Any::Ref(value(reader)?),
            _ => Any::Dyn(Box::new(reader.dynamic()?)),
        };
        Ok(())
    }
    fn is_set(&self) -> bool {
        *self != Any::Nil
    }
}
impl Write for Any {
    fn write(&self, writer: &mut Writer, name: &'static str) {
        match self {
            Any::Nil => {}
            Any::String(text) => writer.typed_leaf(name, "xsd:string", text),
            Any::Bool(value) => writer.typed_leaf(name, "xsd:boolean", if *value { "true" } else { "false" }),
            Any::Int(value) => writer.typed_leaf(name, "xsd:int", &value.to_string()),
            Any::Long(value) => writer.typed_leaf(name, "xsd:long", &value.to_string()),
            Any::Ref(value) => writer.reference(name, "ManagedObjectReference", &value.ty, &value.id),
            Any::Dyn(tree) => writer.dynamic(name, tree),
        }
    }
}

impl<T: Value + Default> Value for Option<T> {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        let mut value = T::default();
        value.read(reader)?;
        *self = Some(value);
        Ok(())
    }
    fn read_property(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        let mut value = T::default();
        value.read_property(reader)?;
        *self = Some(value);
        Ok(())
    }
    fn is_set(&self) -> bool {
        self.is_some()
    }
}
impl<T: Write + Default> Write for Option<T> {
    fn write(&self, writer: &mut Writer, name: &'static str) {
        if let Some(value) = self {
            value.write(writer, name);
        }
    }
}

impl<T: Value + Default> Value for Vec<T> {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        let mut value = T::default();
        value.read(reader)?;
        self.push(value);
        Ok(())
    }
    fn read_property(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        while reader.next_child()? {
            self.read(reader)?;
        }
        Ok(())
    }
    fn is_set(&self) -> bool {
        !self.is_empty()
    }
}
impl<T: Write + Default> Write for Vec<T> {
    fn write(&self, writer: &mut Writer, name: &'static str) {
        for value in self {
            value.write(writer, name);
        }
    }
}

impl<T: Value + ?Sized> Value for Box<T> {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        (**self).read(reader)
    }
    fn read_property(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        (**self).read_property(reader)
    }
    fn is_set(&self) -> bool {
        (**self).is_set()
    }
}
impl<T: Write + ?Sized> Write for Box<T> {
    fn write(&self, writer: &mut Writer, name: &'static str) {
        (**self).write(writer, name);
    }
}
