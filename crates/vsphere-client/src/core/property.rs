//! Reading properties: in batches, page by page.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use vim_types::methods::{ContinueRetrievePropertiesEx, RetrievePropertiesEx};
use vim_types::types::{ObjectSpec, PropertyFilterSpec, PropertySpec, RetrieveOptions};
use vim_types::xml::{self, Dyn, LocalizedFault, MoRef, Reader, Value as _};

use super::Core;
use crate::core::busy::Reopening;
use crate::core::http::Kind;
use crate::core::soap;
use crate::error::{Error, Fault, FaultKind, Result};
use crate::snapshot::Company;

/// How many objects one request asks for at most.
const BATCH: usize = 100;
/// How many objects a page of an answer holds at most.
const PAGE: i32 = 1000;
/// How many batches are on their way at most.
const BATCHES_IN_FLIGHT: usize = 4;
/// How long a reader waits for the batch under way before a further one is sent. Two batches under way at the same time
/// stay two: each takes the readers that the other has left out. So this is longer than most answers take.
const BATCH_DELAY: Duration = Duration::from_millis(100);

/// A set of properties of one type of managed object; see [`properties!`](crate::properties).
pub trait PropertySet: PropertyFields + Default + Send + 'static {
    /// The type of the managed object, or one that it inherits from.
    const TYPE: &'static str;
    /// The paths, in any order.
    const PATHS: &'static [&'static str];
}

/// The fields of a [`PropertySet`].
pub trait PropertyFields {
    /// The property of that path, to be read; nothing when it is none of the set.
    fn field(&mut self, path: &str) -> Option<&mut dyn xml::Value>;
}

/// Declares a struct that is read from the properties of a managed object.
///
/// A property that the server does not send keeps its default. One that it refuses to read is an error, unless
/// the field is an option or a list, and the server failed at it (`SystemError` and the like: a template of a
/// vCenter has no environment browser, and says it so). Missing privileges, a lost session and an object that
/// does not exist are always errors.
///
/// ```
/// vsphere_client::properties! {
///     /// What a folder's page shows.
///     pub struct Page of "Folder" {
///         /// The name, escaped as vSphere does.
///         pub name: String = "name",
///         /// The folder or datacenter that holds it.
///         pub parent: Option<vsphere_client::MoRef> = "parent",
///     }
/// }
/// ```
#[macro_export]
macro_rules! properties {
    ($(#[$meta:meta])* $vis:vis struct $name:ident of $type:literal {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $field_type:ty = $path:literal),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $field_type),* }

        impl $crate::PropertySet for $name {
            const TYPE: &'static str = $type;
            const PATHS: &'static [&'static str] = &[$($path),*];
        }

        impl $crate::PropertyFields for $name {
            fn field(&mut self, path: &str) -> ::std::option::Option<&mut dyn $crate::vim::xml::Value> {
                ::std::option::Option::Some(match path {
                    $($path => &mut self.$field,)*
                    _ => return ::std::option::Option::None,
                })
            }
        }
    };
}

/// Reads properties of one object, in a batch with others, as text. Compiled once for all property sets.
pub(crate) fn part(
    core: Arc<Core>,
    object: &MoRef,
    ty: &'static str,
    paths: &'static [&'static str],
) -> BoxFuture<'static, Result<Part>> {
    let (reply, mut answer) = oneshot::channel();
    let batch = core.slot::<Batch>();
    let item = Item { object: object.clone(), ty, paths, reply };
    Box::pin(async move {
        let _asking = batch.company.ask();
        batch.push(item);
        if batch.may_start(true) {
            pump(core.clone());
        }
        let part = tokio::select! {
            part = &mut answer => part,
            () = tokio::time::sleep(BATCH_DELAY) => {
                if batch.may_start(false) {
                    pump(core.clone());
                }
                answer.await
            }
        };
        part.map_err(|_| Error::Cancelled)?
    })
}

/// Reads properties of one object in a request of its own, without opening a lost session again.
pub(crate) async fn read_now<T: PropertySet>(core: &Core, object: &MoRef) -> Result<T> {
    let request = RetrievePropertiesEx {
        this: core.content.property_collector.clone(),
        spec_set: vec![spec(T::TYPE, T::PATHS, [object.clone()], false)],
        options: RetrieveOptions::default(),
    };
    let body = soap::encode(&request, core.version())?;
    let text = core.exchange("RetrievePropertiesEx", &body, Kind::Read).await?;
    parse(text)?.parts.into_iter().next().map_or_else(|| Ok(T::default()), |p| p.decode())
}

/// A spec for objects and paths.
pub(crate) fn spec(
    ty: &str,
    paths: &[&str],
    objects: impl IntoIterator<Item = MoRef>,
    tolerant: bool,
) -> PropertyFilterSpec {
    PropertyFilterSpec {
        prop_set: vec![property_spec(ty, paths)],
        object_set: objects.into_iter().map(|obj| ObjectSpec { obj, ..Default::default() }).collect(),
        report_missing_objects_in_results: tolerant.then_some(true),
    }
}

/// The paths to read of a type.
pub(crate) fn property_spec(ty: &str, paths: &[&str]) -> PropertySpec {
    PropertySpec {
        r#type: ty.to_owned(),
        all: None,
        path_set: paths.iter().map(|p| (*p).to_owned()).collect(),
    }
}

/// The properties of one object, still as text: the caller that requested them decodes them.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) object: MoRef,
    text: Arc<str>,
    range: Range<usize>,
}

impl Part {
    /// Decodes the properties.
    pub(crate) fn decode<T: PropertySet>(&self) -> Result<T> {
        let mut value = T::default();
        self.decode_into(&mut value, &mut T::default(), T::TYPE)?;
        Ok(value)
    }

    /// `empty` is a set of which nothing was read: what is not set in it, need not be there.
    fn decode_into(
        &self,
        value: &mut dyn PropertyFields,
        empty: &mut dyn PropertyFields,
        ty: &str,
    ) -> Result<()> {
        let text = &self.text[self.range.clone()];
        let mut missing: Option<Fault> = None;
        let mut read = || -> Result<(), xml::Error> {
            let mut reader = Reader::new(text);
            while reader.next_child()? {
                match reader.name() {
                    "propSet" => {
                        let mut path = String::new();
                        while reader.next_child()? {
                            match reader.name() {
                                "name" => path.read(&mut reader)?,
                                "val" => match value.field(&path) {
                                    Some(field) => field.read_property(&mut reader)?,
                                    None => reader.skip()?,
                                },
                                _ => reader.skip()?,
                            }
                        }
                    }
                    "missingSet" => {
                        let (mut path, mut fault) = (String::new(), LocalizedFault::default());
                        while reader.next_child()? {
                            match reader.name() {
                                "path" => path.read(&mut reader)?,
                                "fault" => fault.read(&mut reader)?,
                                _ => reader.skip()?,
                            }
                        }
                        if let Some(field) = empty.field(&path) {
                            let fault = Fault::from(fault);
                            if is_access_fault(&fault.kind) || field.is_set() {
                                missing.get_or_insert(fault);
                            }
                        }
                    }
                    _ => reader.skip()?,
                }
            }
            Ok(())
        };
        read().map_err(|source| Error::decode(format!("a read of {ty} {}", self.object), source))?;
        match missing {
            // A fault that does not name its object is about the one that was read.
            Some(mut fault) => {
                if let FaultKind::NoPermission { missing } = &mut fault.kind {
                    for entry in missing {
                        entry.object.get_or_insert_with(|| self.object.clone());
                    }
                }
                Err(Error::Fault { method: "RetrievePropertiesEx", fault: Box::new(fault) })
            }
            None => Ok(()),
        }
    }
}

/// Whether a fault says that the property is there and not to be had. Any other says that the server failed
/// to work it out, for which it has no value.
fn is_access_fault(kind: &FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::NoPermission { .. }
            | FaultKind::NotAuthenticated
            | FaultKind::ManagedObjectNotFound { .. }
    )
}

/// An answer split into objects.
#[derive(Default)]
struct Page {
    parts: Vec<Part>,
    /// There is more.
    token: Option<String>,
    /// Why something is missing: there is no session. Reading properties needs none in itself, so the call
    /// succeeds and every property fails.
    lost_session: Option<Fault>,
}

fn parse(text: String) -> Result<Page> {
    let text: Arc<str> = text.into();
    let Page { mut parts, mut token, mut lost_session } = Page::default();
    let mut read = || -> Result<(), xml::Error> {
        let Ok(mut reader) = soap::answer("RetrievePropertiesEx", &text) else { return Ok(()) };
        while reader.next_child()? {
            if reader.name() != "returnval" {
                reader.skip()?;
                continue;
            }
            while reader.next_child()? {
                match reader.name() {
                    "token" => token.read(&mut reader)?,
                    "objects" => {
                        let start = reader.position();
                        let mut object = MoRef::default();
                        while reader.next_child()? {
                            match reader.name() {
                                "obj" => object.read(&mut reader)?,
                                "missingSet" => {
                                    let missing = reader.dynamic()?;
                                    let fault = missing.child("fault").and_then(|f| f.child("fault"));
                                    if let Some(fault) = fault.filter(|f| &*f.type_name == "NotAuthenticated")
                                    {
                                        lost_session =
                                            Some(Fault::new("NotAuthenticated", "", fault.clone()));
                                    }
                                }
                                _ => reader.skip()?,
                            }
                        }
                        // The end tag itself stays out of the part.
                        let end = start + text[start..reader.position()].rfind("</").unwrap_or(0);
                        parts.push(Part { object, text: text.clone(), range: start..end });
                    }
                    _ => reader.skip()?,
                }
            }
        }
        Ok(())
    };
    read().map_err(|source| Error::decode("RetrievePropertiesEx", source))?;
    Ok(Page { parts, token, lost_session })
}

/// Reads what specs select, all pages of it.
pub(crate) async fn retrieve(core: &Core, specs: Vec<PropertyFilterSpec>) -> Result<Vec<Part>> {
    let collector = core.content.property_collector.clone();
    let request = RetrievePropertiesEx {
        this: collector.clone(),
        spec_set: specs,
        options: RetrieveOptions { max_objects: Some(PAGE) },
    };
    let mut reopening = Reopening::new(core.config.api_timeout);
    let mut page = loop {
        let generation = core.session.generation();
        let page = parse(core.call_text(&request, Kind::Read).await?)?;
        if page.lost_session.is_none() || !reopening.next().await {
            break page;
        }
        core.login_again(generation).await?;
    };
    let mut parts = Vec::new();
    loop {
        if let Some(fault) = page.lost_session {
            return Err(Error::Fault { method: "RetrievePropertiesEx", fault: Box::new(fault) });
        }
        parts.append(&mut page.parts);
        let Some(token) = page.token else { return Ok(parts) };
        let request = ContinueRetrievePropertiesEx { this: collector.clone(), token };
        // A page is handed out once, so this is not a call to repeat.
        page = parse(core.call_text(&request, Kind::Write).await?)?;
    }
}

struct Item {
    object: MoRef,
    ty: &'static str,
    paths: &'static [&'static str],
    reply: oneshot::Sender<Result<Part>>,
}

/// What waits to be read, and how many batches are under way.
#[derive(Default)]
struct Batch {
    queue: Mutex<(Vec<Item>, usize)>,
    company: Company,
    /// How many of those under way have not been sent yet: they take along whatever comes.
    gathering: AtomicUsize,
}

impl Batch {
    fn push(&self, item: Item) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).0.push(item);
    }

    async fn gather(&self) {
        let waiting = || self.queue.lock().unwrap_or_else(PoisonError::into_inner).0.len();
        self.gathering.fetch_add(1, Ordering::SeqCst);
        self.company.gather(waiting).await;
        self.gathering.fetch_sub(1, Ordering::SeqCst);
    }

    /// Whether one more batch may be under way. The caller then starts one.
    fn may_start(&self, only_when_idle: bool) -> bool {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if self.gathering.load(Ordering::SeqCst) > 0 {
            return false;
        }
        let limit = if only_when_idle && queue.0.len() < BATCH { 1 } else { BATCHES_IN_FLIGHT };
        let start = queue.1 < limit && !queue.0.is_empty();
        if start {
            queue.1 += 1;
        }
        start
    }

    /// The next batch; nothing: the pump ends.
    fn take(&self) -> Option<Vec<Item>> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.0.is_empty() {
            queue.1 -= 1;
            return None;
        }
        let count = queue.0.len().min(BATCH);
        Some(queue.0.drain(..count).collect())
    }
}

/// Sends batches until nothing waits. A task of its own: it outlives any one caller.
fn pump(core: Arc<Core>) {
    tokio::spawn(async move {
        let batch = core.slot::<Batch>();
        batch.gather().await;
        while let Some(items) = batch.take() {
            // More than one request holds.
            if batch.may_start(false) {
                pump(Arc::clone(&core));
            }
            // In a task of its own: if it panics, its callers get an error, and later ones are served as before.
            let client = Arc::clone(&core);
            let _ = tokio::spawn(async move { run(&client, items).await }).await;
            batch.gather().await;
        }
    });
}

async fn run(core: &Core, items: Vec<Item>) {
    let mut groups: HashMap<(&str, &[&str]), Vec<MoRef>> = HashMap::new();
    for item in &items {
        let objects = groups.entry((item.ty, item.paths)).or_default();
        if !objects.contains(&item.object) {
            objects.push(item.object.clone());
        }
    }
    let alone = items.len() == 1;
    let mut specs: Vec<PropertyFilterSpec> =
        groups.into_iter().map(|((ty, paths), objects)| spec(ty, paths, objects, !alone)).collect();
    specs.sort_by(|a, b| a.prop_set[0].path_set.cmp(&b.prop_set[0].path_set));
    match retrieve(core, specs).await {
        Ok(parts) => {
            // The same object may be there twice, once for each set of paths: all of it goes to everyone,
            // who decodes what belongs to them.
            let mut found: HashMap<MoRef, Vec<Part>> = HashMap::new();
            for part in parts {
                found.entry(part.object.clone()).or_default().push(part);
            }
            let mut again = Vec::new();
            for item in items {
                match found.get(&item.object) {
                    Some(parts) => {
                        let _ = item.reply.send(Ok(join(parts)));
                    }
                    // It was left out of the answer; asked for alone it has to say why.
                    None if !alone => again.push(item),
                    None => {
                        let detail = Dyn {
                            children: vec![Dyn {
                                name: "obj".into(),
                                reference: item.object.ty.clone(),
                                text: item.object.id.to_string(),
                                ..Default::default()
                            }],
                            ..Default::default()
                        };
                        let fault = Fault::new("ManagedObjectNotFound", "the object does not exist", detail);
                        let method = "RetrievePropertiesEx";
                        let _ = item.reply.send(Err(Error::Fault { method, fault: Box::new(fault) }));
                    }
                }
            }
            for item in again {
                Box::pin(run(core, vec![item])).await;
            }
        }
        // One invalid object or path fails the whole call: halve the batch until only that one is left.
        Err(Error::Fault { fault, .. }) if !alone => {
            let missing = match &fault.kind {
                FaultKind::ManagedObjectNotFound { object: Some(object) } => Some(object.clone()),
                _ => None,
            };
            let (mut left, mut right): (Vec<Item>, Vec<Item>) = match missing {
                Some(missing) => items.into_iter().partition(|i| i.object == missing),
                None => (items, Vec::new()),
            };
            if left.is_empty() || right.is_empty() {
                left.append(&mut right);
                right = left.split_off(left.len() / 2);
            }
            Box::pin(run(core, left)).await;
            Box::pin(run(core, right)).await;
        }
        Err(error) => {
            for item in items {
                let _ = item.reply.send(Err(error.clone()));
            }
        }
    }
}

/// One part out of those of the same object.
fn join(parts: &[Part]) -> Part {
    if let [only] = parts {
        return only.clone();
    }
    let text: String = parts.iter().map(|p| &p.text[p.range.clone()]).collect();
    let range = 0..text.len();
    Part { object: parts[0].object.clone(), text: text.into(), range }
}

#[cfg(test)]
mod tests {
    use super::*;

    properties! {
        struct Named of "ManagedEntity" {
            name: String = "name",
            values: Vec<vim_types::types::CustomFieldDef> = "available",
            parent: Option<MoRef> = "parent",
        }
    }

    const ANSWER: &str = r#"<e:Envelope><e:Body><RetrievePropertiesExResponse xmlns="urn:vim25"><returnval><token>7</token>
        <objects><obj type="Folder">group-1</obj><propSet><name>name</name><val xsi:type="xsd:string">a &amp; b</val></propSet>
        <propSet><name>available</name><val xsi:type="ArrayOfCustomFieldDef"><CustomFieldDef><key>1</key></CustomFieldDef><CustomFieldDef><key>2</key></CustomFieldDef></val></propSet></objects>
        <objects><obj type="Folder">group-2</obj><missingSet><path>name</path><fault><fault xsi:type="NoPermission"><privilegeId>System.Read</privilegeId></fault><localizedMessage>no</localizedMessage></fault></missingSet></objects>
        </returnval></RetrievePropertiesExResponse></e:Body></e:Envelope>"#;

    #[test]
    fn an_answer_is_split_and_decoded_where_it_is_needed() {
        let Page { parts, token, lost_session } = parse(ANSWER.to_owned()).unwrap();
        assert_eq!(lost_session, None);
        assert_eq!(token.as_deref(), Some("7"));
        let first: Named = parts[0].decode().unwrap();
        assert_eq!((first.name.as_str(), first.values.len(), first.values[1].key), ("a & b", 2, 2));
        assert_eq!(first.parent, None);
        let error = parts[1].decode::<Named>().unwrap_err();
        let Some(FaultKind::NoPermission { missing }) = error.fault_kind() else { panic!("{error}") };
        assert_eq!(missing[0].object, Some(MoRef::new("Folder", "group-2")));
    }

    /// As a vCenter 7.0.1 answers for the environment browser of every template.
    #[test]
    fn what_a_server_fails_to_work_out_is_absent() {
        let refused = |path: &str, fault: &str| {
            let text: Arc<str> = format!(
                r#"<obj type="Folder">group-1</obj><propSet><name>parent</name><val type="Folder">group-0</val></propSet><missingSet><path>{path}</path><fault><fault xsi:type="{fault}"><reason>unexpected error reading property</reason></fault><localizedMessage></localizedMessage></fault></missingSet>"#
            )
            .into();
            let range = 0..text.len();
            Part { object: MoRef::new("Folder", "group-1"), text, range }.decode::<Named>()
        };
        for fault in ["SystemError", "NotSupported", "RuntimeFault", "HostNotConnected"] {
            let read = refused("available", fault).unwrap();
            assert!(read.values.is_empty() && read.parent.is_some(), "{fault}");
            assert!(refused("name", fault).is_err(), "{fault}: no name can be made up");
            assert!(refused("other", fault).is_ok(), "{fault}: not asked for");
        }
        for fault in ["NoPermission", "NotAuthenticated", "ManagedObjectNotFound"] {
            assert!(refused("available", fault).is_err(), "{fault}");
        }
    }
}
