//! Virtual machines, as attributes name them: by the BIOS UUID, which is the `id` of `vsphere_virtual_machine`, by the
//! instance UUID, or by the managed object id.
use crate::common::entity;
use crate::common::lookup::listed;
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use futures_util::future::{join_all, try_join_all};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use tf_framework::{
    AttributePath, Diagnostics, Dynamic, Field, Model as _, Plan, PlanCx, Resource, Result, Value,
};
use uuid::Uuid;
use uuid::fmt::Hyphenated;
use vsphere_client::{MoRef, unescape};

/// What would be right.
const EXPECTED: &str = "Expected the `id` of a `vsphere_virtual_machine` (its BIOS UUID), an instance UUID, or a managed \
                        object ID such as \"vm-42\"; the data source `vsphere_virtual_machine` returns it by name.";

vsphere_client::properties! {
    struct Read of "VirtualMachine" {
        name: String = "name",
        bios_uuid: Option<String> = "config.uuid",
        instance_uuid: Option<String> = "config.instanceUuid",
    }
}

/// What a virtual machine is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Machine {
    /// Its reference.
    pub object: MoRef,
    /// Its name.
    pub name: String,
    /// Its BIOS UUID; nothing while its configuration cannot be read.
    pub bios_uuid: Option<String>,
    /// Its instance UUID; nothing while its configuration cannot be read.
    pub instance_uuid: Option<String>,
}

impl Machine {
    /// From the properties `name`, `config.uuid` and `config.instanceUuid`.
    pub fn of(object: &MoRef, name: &str, bios: Option<String>, instance: Option<String>) -> Self {
        let uuid = |u: Option<String>| u.filter(|u| !u.is_empty());
        Self {
            object: object.clone(),
            name: unescape(name).into_owned(),
            bios_uuid: uuid(bios),
            instance_uuid: uuid(instance),
        }
    }

    /// What the official provider calls it: the BIOS UUID; where there is none, the managed object id.
    pub fn id(&self) -> &str {
        self.bios_uuid.as_deref().unwrap_or(&self.object.id)
    }

    /// Whether `id` names it.
    pub fn is(&self, id: &str) -> bool {
        let uuid = |u: &Option<String>| u.as_deref().is_some_and(|u| u.eq_ignore_ascii_case(id));
        *self.object.id == *id || uuid(&self.bios_uuid) || uuid(&self.instance_uuid)
    }

    /// The words for it among `words`, or else its [`id`](Machine::id): a state keeps the words of its configuration.
    pub fn words<'a>(&self, words: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
        let mut own: BTreeSet<String> = words.into_iter().filter(|w| self.is(w)).cloned().collect();
        if own.is_empty() {
            own.insert(self.id().to_owned());
        }
        own
    }

    /// For a list in a message.
    pub fn title(&self) -> String {
        format!("{:?} ({})", self.name, self.id())
    }
}

/// Which virtual machine had which UUID when it was last read: where to look first.
#[derive(Default)]
pub struct Seen(Mutex<BTreeMap<String, MoRef>>);

impl Seen {
    /// Remembers where a UUID was seen.
    pub fn note(&self, uuid: &str, object: &MoRef) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(uuid.to_ascii_lowercase(), object.clone());
    }

    fn get(&self, uuid: &str) -> Option<MoRef> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&uuid.to_ascii_lowercase()).cloned()
    }
}

/// Whether a text is a UUID with hyphens: the form without them, in braces or as a URN is not that of vSphere.
pub fn is_uuid(text: &str) -> bool {
    text.len() == Hyphenated::LENGTH && Uuid::try_parse(text).is_ok()
}

/// The reference that a managed object id is; a host alone has numbers for ids.
fn by_moid(id: &str) -> Option<MoRef> {
    let is_one = entity::type_of(id) == Some("VirtualMachine")
        || (!id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()));
    is_one.then(|| MoRef::new("VirtualMachine", id))
}

/// A check for attributes that name a virtual machine.
///
/// # Errors
/// What it seems to be instead.
pub fn id(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    if is_uuid(text) || by_moid(text).is_some() {
        return Ok(());
    }
    let what = match entity::type_of(text) {
        Some(ty) => format!("the ID of {}", entity::words(ty)),
        None if text.contains('/') => "an inventory path".to_owned(),
        None => "not an ID".to_owned(),
    };
    Err(format!("{text:?} is {what}. {EXPECTED}"))
}

/// Two ways to write one id.
pub fn same(a: &Dynamic, b: &Dynamic) -> bool {
    tf_framework::same::ignore_case(a, b)
}

/// The virtual machine that the attribute at `at` names.
///
/// # Errors
/// There is none, or there are several.
pub async fn resolve(vsphere: &Vsphere, id: &str, at: impl Into<AttributePath> + Send) -> Result<MoRef> {
    Ok(one(vsphere, id, at).await?.object)
}

/// As [`resolve`], with all that it is known by.
///
/// # Errors
/// As [`resolve`].
pub async fn one(vsphere: &Vsphere, id: &str, at: impl Into<AttributePath> + Send) -> Result<Machine> {
    let mut found = all(vsphere, [id], at).await?;
    Ok(found.remove(0))
}

/// Whether two words, that of the state and that of a plan, name one virtual machine; what cannot be found names none.
pub(crate) async fn is_one(vsphere: &Vsphere, a: &str, b: &str) -> bool {
    match found(vsphere, &[a]).await.as_deref() {
        Ok([Found::One(machine)]) => machine.is(b),
        _ => false,
    }
}

/// The one virtual machine of that id or UUID; nothing where there is none, or where several share the UUID.
pub(crate) async fn by_id(vsphere: &Vsphere, id: &str) -> Result<Option<MoRef>> {
    Ok(match found(vsphere, &[id]).await?.pop() {
        Some(Found::One(machine)) => Some(machine.object),
        _ => None,
    })
}

/// The virtual machines that the attribute at `at` names, in the order of the names, with all that they are known by.
///
/// # Errors
/// As [`resolve`], for each of them.
pub async fn all<'a>(
    vsphere: &Vsphere,
    ids: impl IntoIterator<Item = &'a str>,
    at: impl Into<AttributePath> + Send,
) -> Result<Vec<Machine>> {
    let ids: Vec<&str> = ids.into_iter().collect();
    Ok(there(vsphere, &ids, &BTreeSet::new(), at).await?.0)
}

/// The virtual machines that `ids` name, and those of `ids` that do not exist and are among `may_be_missing`.
///
/// # Errors
/// As [`resolve`], for each of the others.
pub async fn there(
    vsphere: &Vsphere,
    ids: &[&str],
    may_be_missing: &BTreeSet<String>,
    at: impl Into<AttributePath> + Send,
) -> Result<(Vec<Machine>, Vec<String>)> {
    let at = at.into();
    let (mut out, mut machines, mut missing) = (Diagnostics::default(), vec![], vec![]);
    for (id, found) in ids.iter().zip(found(vsphere, ids).await?) {
        match found {
            Found::One(machine) => machines.push(machine),
            Found::None if may_be_missing.contains(*id) => missing.push((*id).to_owned()),
            Found::Several(all) => out.merge(several(id, &all, at.clone())),
            Found::None => out.merge(none(id, at.clone())),
        }
    }
    out.into_result((machines, missing))
}

/// Whether two sets of ids name the same virtual machines; not so where one of them is not there.
///
/// # Errors
/// Why they cannot be read.
pub async fn are_same(vsphere: &Vsphere, a: &BTreeSet<String>, b: &BTreeSet<String>) -> Result<bool> {
    let ids: Vec<&str> = a.iter().chain(b).map(String::as_str).collect();
    let objects: Option<Vec<MoRef>> = found(vsphere, &ids)
        .await?
        .into_iter()
        .map(|f| if let Found::One(machine) = f { Some(machine.object) } else { None })
        .collect();
    let set = |part: &[MoRef]| part.iter().cloned().collect::<BTreeSet<_>>();
    Ok(objects.is_some_and(|o| set(&o[..a.len()]) == set(&o[a.len()..])))
}

/// Lets a plan keep the prior id where the configuration names the same virtual machine in another way: an import knows
/// the BIOS UUID alone. Otherwise there has to be one of that name.
///
/// # Errors
/// There is none of that name.
pub async fn plan_one<R: Resource<Client = Vsphere>>(
    cx: &mut PlanCx<'_, R>,
    planned: &mut Plan<'_, R::Model>,
    field: Field,
) -> Result<()> {
    let now = planned.value(field);
    let (Some(vsphere), Some(id)) = (cx.client, now.as_str()) else { return Ok(()) };
    let prior = cx.prior.map(|p| p.value(field));
    let is_new = prior.is_none() || cx.is_replacement();
    if same_one(vsphere, prior.as_ref().filter(|p| **p != now), id, is_new, field).await?
        && let Some(prior) = cx.prior
    {
        planned.copy_from(prior, &[field]);
        cx.replace.retain(|at| *at != field.into());
    }
    Ok(())
}

/// Whether an id is another one of the same virtual machine, which is not asked where `before` is nothing.
async fn same_one(
    vsphere: &Vsphere,
    before: Option<&Dynamic>,
    id: &str,
    is_new: bool,
    field: Field,
) -> Result<bool> {
    if let Some(before) = before {
        let set = |id: &str| BTreeSet::from([id.to_owned()]);
        if are_same(vsphere, &set(before.as_str().unwrap_or_default()), &set(id)).await? {
            return Ok(true);
        }
    }
    if before.is_some() || is_new {
        one(vsphere, id, field).await?;
    }
    Ok(false)
}

/// Whether a plan names the same virtual machines as the prior state, in another way. Otherwise those that are new have to
/// be there.
///
/// # Errors
/// One that is new is not there.
pub async fn same_ones(
    vsphere: &Vsphere,
    prior: Option<&Value<BTreeSet<String>>>,
    planned: &Value<BTreeSet<String>>,
    field: Field,
) -> Result<bool> {
    let (before, now) = (prior.map(Value::get).unwrap_or_default(), planned.get());
    if before == now {
        return Ok(false);
    }
    if prior.is_some() && !now.is_empty() && are_same(vsphere, &before, &now).await? {
        return Ok(true);
    }
    all(vsphere, now.difference(&before).map(String::as_str), field).await.map(|_| false)
}

/// What there is of a name.
enum Found {
    One(Machine),
    Several(Vec<Machine>),
    None,
}

/// What there is of each name. Where they were seen last is asked in one request; only for the rest there is a search.
async fn found(vsphere: &Vsphere, ids: &[&str]) -> Result<Vec<Found>> {
    let guesses: Vec<MoRef> =
        ids.iter().filter_map(|id| by_moid(id).or_else(|| vsphere.run::<Seen>().get(id))).collect();
    let there = known(vsphere, &guesses).await?;
    try_join_all(ids.iter().map(|id| async {
        match there.iter().find(|m| m.is(id)) {
            Some(machine) => Ok(Found::One(machine.clone())),
            None if by_moid(id).is_some() => Ok(Found::None),
            None => search(vsphere, id).await,
        }
    }))
    .await
}

/// Looks for a UUID: first among the BIOS UUIDs, since they are the `id`s of virtual machines.
async fn search(vsphere: &Vsphere, uuid: &str) -> Result<Found> {
    // As servers write them.
    let uuid = &uuid.to_ascii_lowercase();
    for instance in [false, true] {
        let objects = vsphere.api.virtual_machines().all_by_uuid(uuid, instance).await;
        let doing = format!("look for the virtual machine {uuid}");
        let objects = objects.doing(doing)?;
        if objects.is_empty() {
            continue;
        }
        let mut machines = known(vsphere, &objects).await?;
        match machines.len() {
            0 => {}
            1 => return Ok(Found::One(machines.remove(0))),
            _ => return Ok(Found::Several(machines)),
        }
    }
    Ok(Found::None)
}

fn none(id: &str, at: AttributePath) -> Diagnostics {
    let detail = format!("It does not exist, or the user lacks `System.View` on it. {EXPECTED}");
    Diagnostics::error(at, format!("There is no virtual machine {id:?}"), detail)
}

/// A BIOS UUID is copied with the files of a virtual machine.
fn several(uuid: &str, all: &[Machine], at: AttributePath) -> Diagnostics {
    let lines = all.iter().map(|m| {
        format!(
            "{:?}: {}, instance UUID {}",
            m.name,
            m.object.id,
            m.instance_uuid.as_deref().unwrap_or("unknown")
        )
    });
    let detail = format!(
        "They are copies of one another:\n{}\nName the one that is meant by its instance UUID or managed object ID.",
        listed(lines)
    );
    Diagnostics::error(at, format!("Several virtual machines have the BIOS UUID {uuid}"), detail)
}

/// The identifiers of these virtual machines, in one request (of a hundred each); those that do not exist are left out.
///
/// # Errors
/// Why they cannot be read.
pub async fn known(vsphere: &Vsphere, objects: &[MoRef]) -> Result<Vec<Machine>> {
    let objects: BTreeSet<&MoRef> = objects.iter().collect();
    let properties = vsphere.api.properties();
    let reads = join_all(objects.iter().map(|o| properties.get::<Read>(o))).await;
    let mut out = vec![];
    for (object, read) in objects.into_iter().zip(reads) {
        let read = match read {
            Err(e) if e.is_not_found() => continue,
            read => read.doing(format!("read {object}"))?,
        };
        let machine = Machine::of(object, &read.name, read.bios_uuid, read.instance_uuid);
        for uuid in machine.bios_uuid.iter().chain(&machine.instance_uuid) {
            vsphere.run::<Seen>().note(uuid, object);
        }
        out.push(machine);
    }
    Ok(out)
}

/// The one of these virtual machines that `id` names; the others are read only if it is not where it was seen last.
///
/// # Errors
/// Why they cannot be read.
pub async fn among(vsphere: &Vsphere, id: &str, objects: &[MoRef]) -> Result<Option<Machine>> {
    let guess = by_moid(id).or_else(|| vsphere.run::<Seen>().get(id)).filter(|o| objects.contains(o));
    if let Some(machine) = known(vsphere, guess.as_slice()).await?.into_iter().find(|m| m.is(id)) {
        return Ok(Some(machine));
    }
    Ok(known(vsphere, objects).await?.into_iter().find(|m| m.is(id)))
}

/// The BIOS UUIDs of these virtual machines, without those that do not exist, in one request (of a hundred each).
///
/// # Errors
/// Why they cannot be read.
pub async fn ids_of(vsphere: &Vsphere, objects: &[MoRef]) -> Result<Vec<String>> {
    Ok(known(vsphere, objects).await?.iter().map(|m| m.id().to_owned()).collect())
}

/// The ids of these virtual machines in the words of the state: each as `words` has it, the others by BIOS UUID. Pure.
pub fn in_words_of(machines: &[Machine], words: &BTreeSet<String>) -> BTreeSet<String> {
    machines.iter().flat_map(|m| m.words(words)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIOS: &str = "7dc847e3-ffa0-55fc-9c65-18f9246b4527";
    const INSTANCE: &str = "a0cb3cff-afd1-5417-aac7-58c7036c22dc";

    fn machine() -> Machine {
        Machine {
            object: MoRef::new("VirtualMachine", "vm-42"),
            name: "web".into(),
            bios_uuid: Some(BIOS.into()),
            instance_uuid: Some(INSTANCE.into()),
        }
    }

    #[test]
    fn other_texts_do_not_name_a_virtual_machine() {
        for (text, wrong) in [
            (BIOS, None),
            ("vm-42", None),
            ("42", None),
            ("", Some("is not an ID")),
            ("web", Some("is not an ID")),
            ("/dc/vm/web", Some("an inventory path")),
            ("host-12", Some("the ID of a host")),
            ("7dc847e3ffa055fc9c6518f9246b4527", Some("is not an ID")),
            ("7dc847e3-ffa0-55fc-9c65-18f9246b452x", Some("is not an ID")),
        ] {
            match (id(&text.into()), wrong) {
                (Ok(()), None) => {}
                (Err(e), Some(part)) => assert!(e.contains(part) && e.contains(EXPECTED), "{text}: {e}"),
                (got, _) => panic!("{text}: {got:?}"),
            }
        }
    }

    #[test]
    fn a_virtual_machine_keeps_the_identifier_of_the_state() {
        let set = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<BTreeSet<_>>();
        let upper = BIOS.to_uppercase();
        for (words, kept) in [
            (vec![], BIOS),
            (vec!["vm-42"], "vm-42"),
            (vec![INSTANCE], INSTANCE),
            (vec![upper.as_str()], upper.as_str()),
            (vec!["vm-4"], BIOS),
        ] {
            assert_eq!(in_words_of(&[machine()], &set(&words)), set(&[kept]), "{words:?}");
        }
        // One that is named twice stays so: otherwise the plan would never rest.
        let twice = set(&["vm-42", BIOS]);
        assert_eq!(in_words_of(&[machine()], &twice), twice);
        let unread = Machine { bios_uuid: None, instance_uuid: None, ..machine() };
        assert_eq!(in_words_of(&[unread], &set(&[BIOS])), set(&["vm-42"]));
    }

    #[test]
    fn where_a_uuid_was_seen_is_remembered_in_any_case() {
        let seen = Seen::default();
        seen.note(BIOS, &machine().object);
        assert_eq!(seen.get(&BIOS.to_uppercase()), Some(machine().object));
        assert_eq!(seen.get(INSTANCE), None);
    }
}
