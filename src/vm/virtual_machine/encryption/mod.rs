//! The encryption of a virtual machine with the keys of a key provider.
mod check;
mod plan;
use super::effects::Effects;
use super::model::status::DiskKeyModel;
use super::model::{EncryptionModel, EncryptionStatusModel, VirtualMachineModel as M, title};
use crate::fault::capital;
pub(super) use check::check;
use plan::{Change, Key, Part, Wanted};
use tf_framework::{Diagnostics, Result, Value};
use vsphere_client::device::Disk;
use vsphere_client::vim::types::{
    CryptoKeyId, CryptoSpecDecrypt, CryptoSpecDeepRecrypt, CryptoSpecEncrypt, CryptoSpecKind,
    CryptoSpecShallowRecrypt, KeyProviderId, VirtualDeviceConfigSpec, VirtualDeviceConfigSpecBackingSpec,
    VirtualDeviceConfigSpecFileOperation, VirtualDeviceConfigSpecOperation, VirtualDeviceKind,
    VirtualMachineConfigSpec,
};
use vsphere_client::virtual_machine::VirtualMachine as Machine;

type E = EncryptionModel;

/// The block of a model.
fn block(m: &M) -> Option<&E> {
    m.encryption.known()?.first()
}

fn part(value: &Value<String>) -> Part<'_> {
    match value {
        Value::Unknown => Part::Unknown,
        known => known.non_empty().map_or(Part::Any, |v| Part::This(v)),
    }
}

/// What is wanted, if anything is.
fn wanted<'a>(prior: Option<&M>, planned: &'a M) -> Option<Wanted<'a>> {
    let is = block(planned)?;
    let was = prior.and_then(block);
    let is_new = |was: &E| !is.rekey_trigger.as_str().is_empty() && was.rekey_trigger != is.rekey_trigger;
    Some(Wanted {
        provider: part(&is.key_provider_id),
        key: part(&is.key_id),
        is_triggered: was.is_some_and(|was| is_new(was) || is.rekey_trigger.is_unknown()),
        is_deep: is.rekey.as_str() == "deep",
    })
}

/// The key that a state says.
fn key_of_state(m: &M) -> Option<Key> {
    let status = m.encryption_status.known().filter(|s| s.encrypted.get())?;
    Some(Key { provider: status.key_provider_id.get(), id: status.key_id.get() })
}

fn key(id: &CryptoKeyId) -> Key {
    Key { provider: id.provider_id.as_ref().map(|p| p.id.clone()).unwrap_or_default(), id: id.key_id.clone() }
}

/// As it is sent.
fn sent(key: Key) -> CryptoKeyId {
    let provider = Some(key.provider).filter(|p| !p.is_empty());
    CryptoKeyId { key_id: key.id, provider_id: provider.map(|id| Box::new(KeyProviderId { id })) }
}

/// The key of a disk that is encrypted.
fn key_of_disk(device: &VirtualDeviceKind) -> Option<&CryptoKeyId> {
    Disk::of(device)?.crypto_key()
}

/// The change that a plan makes of a state.
fn planned_change(prior: Option<&M>, planned: &M) -> Change {
    if planned.encryption.is_unknown() {
        return Change::Nothing;
    }
    let now = prior.and_then(key_of_state);
    let was_declared = prior.and_then(block).is_some();
    plan::change(now.as_ref(), wanted(prior, planned).as_ref(), was_declared)
}

/// Whether a state allows to decrypt the virtual machine.
fn may_decrypt(prior: &M) -> bool {
    block(prior).is_some_and(|b| b.allow_decrypt.get())
}

/// Returns the changes that require powering off; a decryption that is not allowed is an error.
pub(super) fn plan(prior: Option<&M>, planned: &M) -> Effects {
    let mut effects = Effects::default();
    let Some(prior) = prior else { return effects };
    let change = planned_change(Some(prior), planned);
    if change == Change::Decrypt && !may_decrypt(prior) {
        let detail = "The configuration does not have an `encryption` block any more, and the virtual machine is encrypted. To \
                      decrypt it, add the block again with `allow_decrypt = true`, apply, and then remove the block. To keep it \
                      encrypted, keep the block.";
        effects.diagnostics.merge(Diagnostics::error(
            M::ENCRYPTION,
            format!("{} would be decrypted", capital(&title(prior))),
            detail,
        ));
    }
    if let Some(why) = change.power_off() {
        effects.power_off(M::ENCRYPTION, why);
    }
    effects
}

/// Whether a virtual machine that was imported is encrypted as the configuration says: an import does not declare it.
pub(super) fn rests_after_import(prior: &M, planned: &M) -> bool {
    block(prior).is_none()
        && key_of_state(prior).is_some()
        && !planned.encryption.is_unknown()
        && planned_change(Some(prior), planned) == Change::Nothing
}

/// Whether the encryption of disks may change: with their number, their files and their storage policies. Disks of a virtual
/// machine that is not encrypted are not encrypted either, unless a storage policy says so.
fn disks_change(prior: &M, planned: &M) -> bool {
    let of = |m: &M| m.disk.get().into_iter().map(|d| (d.uuid, d.storage_policy_id)).collect::<Vec<_>>();
    let (was, is) = (of(prior), of(planned));
    let status = prior.encryption_status.known();
    if status.is_some_and(|s| !s.encrypted.get() && s.types.get().is_empty()) {
        let may_encrypt = |policy: &Value<String>| policy.is_unknown() || policy.non_empty().is_some();
        return is.iter().any(|disk| may_encrypt(&disk.1) && !was.contains(disk));
    }
    was != is
}

/// Completes the plan of an update: what it changes is not known before it is applied. Pure.
pub(super) fn complete(prior: &M, planned: &mut M) {
    if planned_change(Some(prior), planned) != Change::Nothing
        || planned.encryption.is_unknown()
        || planned.disk.is_unknown()
        || planned.vtpm != prior.vtpm
        || planned.storage_policy_id != prior.storage_policy_id
        || disks_change(prior, planned)
    {
        planned.encryption_status = Value::Unknown;
    }
}

/// What the state says of the encryption.
pub(super) fn status(vm: &Machine) -> Value<EncryptionStatusModel> {
    let Some(config) = vm.config.as_deref() else { return Value::Null };
    let devices = vm.devices();
    let now = config.key_id.as_deref().map(key);
    let disks: Vec<DiskKeyModel> = devices
        .iter()
        .filter_map(|d| {
            let found = key(key_of_disk(d)?);
            Some(DiskKeyModel {
                key: i64::from(vsphere_client::device::key(d)).into(),
                key_provider_id: found.provider.into(),
                key_id: found.id.into(),
            })
        })
        .collect();
    let mut types = vec![];
    types.extend(now.is_some().then(|| "config".to_owned()));
    types.extend((!disks.is_empty()).then(|| "disks".to_owned()));
    let set = |text: Option<&String>| text.filter(|t| !t.is_empty()).cloned().into();
    Value::Known(EncryptionStatusModel {
        encrypted: now.is_some().into(),
        key_provider_id: set(now.as_ref().map(|k| &k.provider)),
        key_id: set(now.as_ref().map(|k| &k.id)),
        types: types.into(),
        has_vtpm: devices.iter().any(|d| matches!(d, VirtualDeviceKind::VirtualTPM(_))).into(),
        disks: disks.into(),
    })
}

/// The block of the state: none where the virtual machine is not encrypted any more, and with the key that it has where the
/// state names one. That of an imported virtual machine is not declared yet.
pub(super) fn observed(vm: &Machine, state: &M) -> Value<Vec<E>> {
    let Some(config) = vm.config.as_deref() else { return state.encryption.clone() };
    let Some(block) = block(state) else { return state.encryption.clone() };
    let Some(now) = config.key_id.as_deref().map(key) else { return Vec::new().into() };
    let seen = |said: &Value<String>, is: String| {
        if said.as_str().is_empty() && !said.is_unknown() { said.clone() } else { is.into() }
    };
    let block = E {
        key_provider_id: seen(&block.key_provider_id, now.provider),
        key_id: seen(&block.key_id, now.id),
        ..block.clone()
    };
    vec![block].into()
}

/// The change of a virtual machine that was read, or of a new one. Only what the plan decrypts, and was allowed to, is
/// decrypted.
///
/// # Errors
/// Snapshots that it cannot be made with, and disks that were encrypted after the plan to decrypt the virtual machine.
pub(super) fn due(prior: Option<&M>, plan: &M, vm: Option<&Machine>) -> Result<Due> {
    let now = vm.and_then(|vm| vm.config.as_deref()?.key_id.as_deref().map(key));
    let decrypts = prior.filter(|p| may_decrypt(p) && planned_change(Some(p), plan) == Change::Decrypt);
    let wanted = wanted(prior, plan);
    let change = plan::change(now.as_ref(), wanted.as_ref(), decrypts.is_some());
    let snapshots = vm.map_or(0, |vm| vm.snapshots().len());
    let cannot = |why: &str, detail: &str| {
        let summary = format!("{} cannot be {}: {why}", capital(&title(plan)), change.words());
        Err(Diagnostics::error(M::ENCRYPTION, summary, detail))
    };
    if snapshots > 0 && change.power_off().is_some() {
        let detail = "vSphere encrypts, decrypts and deeply rekeys only virtual machines without snapshots. Remove the \
                      snapshots first.";
        return cannot("it has snapshots", detail);
    }
    if let (Change::Decrypt, Some(prior), Some(vm)) = (change, decrypts, vm)
        && let Some(label) = new_encrypted_disk(prior, vm)
    {
        let detail =
            "vSphere does not have encrypted disks of virtual machines that are not encrypted. Plan again.";
        return cannot(&format!("{label} was encrypted after the plan"), detail);
    }
    let id = wanted.map(|w| plan::new_key(now.as_ref(), &w)).unwrap_or_default();
    let declared = wanted.is_some();
    // Disks that are added follow the virtual machine.
    let of_new = now.filter(|_| change == Change::Nothing).unwrap_or_else(|| id.clone());
    Ok(Due { change, id: sent(id), of_new: sent(of_new), declared })
}

/// A disk that is encrypted and is not in the state, or not as one that is.
fn new_encrypted_disk(prior: &M, vm: &Machine) -> Option<String> {
    let known: Vec<i64> = prior.encryption_status.get().disks.get().iter().map(|d| d.key.get()).collect();
    let devices = vm.devices();
    let is_new = |d: &&VirtualDeviceKind| {
        key_of_disk(d).is_some() && !known.contains(&i64::from(vsphere_client::device::key(d)))
    };
    devices.iter().find(is_new).map(|d| devices.describe(d))
}

/// A change that is due.
#[derive(Debug, Clone)]
pub(super) struct Due {
    change: Change,
    /// The new key of the virtual machine.
    id: CryptoKeyId,
    /// The key of disks that are added.
    of_new: CryptoKeyId,
    declared: bool,
}

impl Due {
    /// The reasons to power off.
    pub(super) fn effects(&self) -> Effects {
        let mut effects = Effects::default();
        if let Some(why) = self.change.power_off() {
            effects.power_off(M::ENCRYPTION, why);
        }
        effects
    }

    /// Adds it to what is sent: the virtual machine, and its disks, which follow it. First class disks belong to others, and a
    /// disk that is given a storage policy is encrypted or not by that. Returns whether there is anything to send.
    pub(super) fn add_to(&self, vm: Option<&Machine>, spec: &mut VirtualMachineConfigSpec) -> bool {
        let encrypt = |id: &CryptoKeyId| -> CryptoSpecKind {
            CryptoSpecEncrypt { crypto_key_id: id.clone(), ..Default::default() }.into()
        };
        let of_machine: Option<CryptoSpecKind> = match self.change {
            Change::Nothing => None,
            Change::Encrypt => Some(encrypt(&self.id)),
            Change::Rekey { is_deep: true } => {
                Some(CryptoSpecDeepRecrypt { new_key_id: self.id.clone(), ..Default::default() }.into())
            }
            Change::Rekey { is_deep: false } => {
                Some(CryptoSpecShallowRecrypt { new_key_id: self.id.clone(), ..Default::default() }.into())
            }
            Change::Decrypt => Some(CryptoSpecDecrypt::default().into()),
        };
        let of_disk = |device: &VirtualDeviceKind| {
            let is_encrypted = key_of_disk(device).is_some();
            let own = Disk::of(device).is_some_and(|d| d.first_class_id().is_none());
            let applies = own && is_encrypted != (self.change == Change::Encrypt);
            of_machine.clone().filter(|_| applies).map(|crypto| {
                Box::new(VirtualDeviceConfigSpecBackingSpec { crypto: Some(Box::new(crypto)), parent: None })
            })
        };
        let devices = vm.map(Machine::devices).unwrap_or_default();
        let mut named = vec![];
        for change in &mut spec.device_change {
            let VirtualDeviceKind::VirtualDisk(_) = &change.device else { continue };
            let key = vsphere_client::device::key(&change.device);
            named.push(key);
            if !change.profile.is_empty() {
                continue;
            }
            let makes = change.file_operation == Some(VirtualDeviceConfigSpecFileOperation::Create);
            if change.operation == Some(VirtualDeviceConfigSpecOperation::Edit) {
                if let Some(backing) = devices.by_key(key).and_then(of_disk) {
                    change.backing = Some(backing);
                }
            } else if makes && self.declared {
                let crypto = Some(Box::new(encrypt(&self.of_new)));
                change.backing = Some(Box::new(VirtualDeviceConfigSpecBackingSpec { crypto, parent: None }));
            }
        }
        let Some(crypto) = &of_machine else { return false };
        for device in devices.iter().filter(|d| !named.contains(&vsphere_client::device::key(d))) {
            if let Some(backing) = of_disk(device) {
                spec.device_change.push(VirtualDeviceConfigSpec {
                    operation: Some(VirtualDeviceConfigSpecOperation::Edit),
                    device: device.clone(),
                    backing: Some(backing),
                    ..Default::default()
                });
            }
        }
        spec.crypto = Some(Box::new(crypto.clone()));
        true
    }

    /// A failed call with what it may be about.
    ///
    /// # Errors
    /// The failure.
    pub(super) fn explain<T>(&self, done: Result<T>) -> Result<T> {
        if self.change == Change::Nothing {
            return done;
        }
        done.map_err(|mut failed| {
            for d in failed.0.iter_mut().filter(|d| d.at == tf_framework::AttributePath::root()) {
                d.at = M::ENCRYPTION.into();
                d.detail = format!(
                    "{}\nThe virtual machine was to be {}. The key provider must exist, a native key provider must be backed up, \
                     and without `key_provider_id` there must be a default one; the host must reach it, and the user needs \
                     `Cryptographer.*` privileges.",
                    d.detail,
                    self.change.words()
                );
            }
            failed
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::DiskModel;
    use super::*;
    use vsphere_client::vim::types::{
        VirtualDevice, VirtualDisk, VirtualDiskFlatVer2BackingInfo, VirtualHardware, VirtualMachineConfigInfo,
    };

    fn id(provider: &str, key: &str) -> CryptoKeyId {
        CryptoKeyId { key_id: key.into(), provider_id: Some(Box::new(KeyProviderId { id: provider.into() })) }
    }

    fn disk(key: i32, with: Option<CryptoKeyId>) -> VirtualDeviceKind {
        let backing = VirtualDiskFlatVer2BackingInfo { key_id: with.map(Box::new), ..Default::default() };
        let base = VirtualDevice { key, backing: Some(Box::new(backing.into())), ..Default::default() };
        VirtualDisk { base, ..Default::default() }.into()
    }

    fn machine(with: Option<CryptoKeyId>, disks: Vec<VirtualDeviceKind>) -> Machine {
        let config = VirtualMachineConfigInfo {
            key_id: with.map(Box::new),
            hardware: VirtualHardware { device: disks, ..Default::default() },
            ..Default::default()
        };
        Machine { config: Some(Box::new(config)), ..Default::default() }
    }

    fn model(block: Option<E>) -> M {
        M { encryption: block.into_iter().collect::<Vec<_>>().into(), ..M::default() }
    }

    fn of(provider: &str) -> E {
        E {
            key_provider_id: if provider.is_empty() { Value::Null } else { provider.into() },
            rekey: "shallow".into(),
            ..E::default()
        }
    }

    /// The operations of a request: of the virtual machine, and of its disks by key.
    fn request(prior: Option<&M>, plan: &M, vm: &Machine) -> (String, Vec<i32>) {
        let mut spec = VirtualMachineConfigSpec::default();
        let due = due(prior, plan, Some(vm)).unwrap();
        due.add_to(Some(vm), &mut spec);
        let name = |c: &CryptoSpecKind| match c {
            CryptoSpecKind::CryptoSpecEncrypt(_) => "encrypt",
            CryptoSpecKind::CryptoSpecShallowRecrypt(_) => "shallow",
            CryptoSpecKind::CryptoSpecDeepRecrypt(_) => "deep",
            CryptoSpecKind::CryptoSpecDecrypt(_) => "decrypt",
            _ => "other",
        };
        let keys = spec.device_change.iter().map(|c| vsphere_client::device::key(&c.device)).collect();
        (spec.crypto.as_deref().map(name).unwrap_or_default().to_owned(), keys)
    }

    #[test]
    fn disks_follow_the_machine() {
        let plain = machine(None, vec![disk(2000, None), disk(2001, None)]);
        let mixed = machine(Some(id("p", "k")), vec![disk(2000, Some(id("p", "k"))), disk(2001, None)]);
        let declared = model(Some(of("p")));
        let allowed = encrypted(Some(E { allow_decrypt: true.into(), ..of("p") }), &[2000]);
        let other = model(Some(of("q")));
        let deep = model(Some(E { rekey: "deep".into(), ..of("q") }));
        let none = model(None);
        for (prior, plan, vm, expected) in [
            (&none, &declared, &plain, ("encrypt", vec![2000, 2001])),
            (&declared, &declared, &mixed, ("", vec![])),
            (&declared, &other, &mixed, ("shallow", vec![2000])),
            (&declared, &deep, &mixed, ("deep", vec![2000])),
            (&allowed, &none, &mixed, ("decrypt", vec![2000])),
            (&none, &none, &mixed, ("", vec![])),
        ] {
            assert_eq!(request(Some(prior), plan, vm), (expected.0.to_owned(), expected.1));
        }
    }

    /// A virtual machine of a state, encrypted, with these disks.
    fn encrypted(block: Option<E>, disks: &[i64]) -> M {
        let disk = |key: &i64| DiskKeyModel { key: (*key).into(), ..Default::default() };
        M {
            encryption_status: Value::Known(EncryptionStatusModel {
                encrypted: true.into(),
                key_provider_id: "p".into(),
                key_id: "k".into(),
                disks: disks.iter().map(disk).collect::<Vec<_>>().into(),
                ..Default::default()
            }),
            ..model(block)
        }
    }

    #[test]
    fn a_rekey_keeps_the_key_provider() {
        let vm = machine(Some(id("p", "k")), vec![disk(2000, Some(id("p", "k")))]);
        for (provider, rekey, expected) in [
            ("", "shallow", "p"),
            ("", "deep", "p"),
            ("p", "deep", "p"),
            ("q", "shallow", "q"),
            ("q", "deep", "q"),
        ] {
            let plan = model(Some(E { rekey: rekey.into(), rekey_trigger: "1".into(), ..of(provider) }));
            let mut spec = VirtualMachineConfigSpec::default();
            due(Some(&model(Some(of(provider)))), &plan, Some(&vm)).unwrap().add_to(Some(&vm), &mut spec);
            let of_disk = spec.device_change[0].backing.as_ref().and_then(|b| b.crypto.as_deref());
            for crypto in [spec.crypto.as_deref(), of_disk] {
                let new_key_id = match crypto.unwrap() {
                    CryptoSpecKind::CryptoSpecShallowRecrypt(spec) => &spec.new_key_id,
                    CryptoSpecKind::CryptoSpecDeepRecrypt(spec) => &spec.new_key_id,
                    other => panic!("{other:?}"),
                };
                assert_eq!(*new_key_id, id(expected, ""), "{provider} {rekey}");
            }
        }
    }

    #[test]
    fn only_what_the_plan_decrypts_is_decrypted() {
        let key = || Some(id("p", "k"));
        let allowed = || Some(E { allow_decrypt: true.into(), ..of("p") });
        let none = model(None);
        // What the state said is the plan's, and what is read at apply may have changed since.
        for (prior, vm, expected) in [
            (
                encrypted(allowed(), &[2000]),
                machine(key(), vec![disk(2000, key())]),
                Ok(("decrypt", vec![2000])),
            ),
            // Encrypted since the plan, which had nothing to decrypt.
            (model(allowed()), machine(key(), vec![disk(2000, key())]), Ok(("", vec![]))),
            (model(Some(of("p"))), machine(key(), vec![disk(2000, key())]), Ok(("", vec![]))),
            // Not allowed: such a plan is an error.
            (encrypted(Some(of("p")), &[2000]), machine(key(), vec![disk(2000, key())]), Ok(("", vec![]))),
            // Decrypted since the plan, or one of its disks was.
            (encrypted(allowed(), &[2000]), machine(None, vec![disk(2000, None)]), Ok(("", vec![]))),
            (
                encrypted(allowed(), &[2000, 2001]),
                machine(key(), vec![disk(2000, key()), disk(2001, None)]),
                Ok(("decrypt", vec![2000])),
            ),
            // A disk was encrypted, or attached, since the plan.
            (
                encrypted(allowed(), &[2000]),
                machine(key(), vec![disk(2000, key()), disk(2001, key())]),
                Err("was encrypted after the plan"),
            ),
        ] {
            match (due(Some(&prior), &none, Some(&vm)), expected) {
                (Ok(_), Ok((operation, keys))) => {
                    assert_eq!(request(Some(&prior), &none, &vm), (operation.to_owned(), keys), "{prior:?}");
                }
                (Err(e), Err(text)) => assert!(e.to_string().contains(text), "{e}"),
                (found, _) => panic!("{found:?}"),
            }
        }
    }

    #[test]
    fn an_added_disk_gets_the_key_of_the_machine() {
        let vm = machine(Some(id("p", "k")), vec![]);
        let declared = model(Some(of("")));
        let mut spec = VirtualMachineConfigSpec {
            device_change: vec![VirtualDeviceConfigSpec {
                operation: Some(VirtualDeviceConfigSpecOperation::Add),
                file_operation: Some(VirtualDeviceConfigSpecFileOperation::Create),
                device: disk(-1, None),
                ..Default::default()
            }],
            ..Default::default()
        };
        let add = |plan: &M, spec: &mut VirtualMachineConfigSpec| {
            due(Some(plan), plan, Some(&vm)).unwrap().add_to(Some(&vm), spec);
            spec.device_change[0].backing.clone()
        };
        assert_eq!(add(&model(None), &mut spec), None);
        let backing = add(&declared, &mut spec).unwrap();
        let Some(CryptoSpecKind::CryptoSpecEncrypt(found)) = backing.crypto.as_deref() else { panic!() };
        assert_eq!((found.crypto_key_id.clone(), spec.crypto), (id("p", "k"), None));
    }

    #[test]
    fn the_state_says_what_there_is() {
        let vm = machine(Some(id("p", "k")), vec![disk(2000, Some(id("p", "k"))), disk(2001, None)]);
        let status = status(&vm).get();
        assert_eq!((status.key_provider_id.as_str(), status.key_id.as_str()), ("p", "k"));
        assert_eq!((status.types.get().join(" "), status.disks.get().len()), ("config disks".to_owned(), 1));
        let blocks = |vm: &Machine, block| observed(vm, &model(block)).get();
        assert_eq!(blocks(&vm, Some(of("q")))[0].key_provider_id.as_str(), "p");
        assert_eq!(blocks(&vm, Some(of("")))[0].key_provider_id, Value::Null);
        assert!(blocks(&vm, None).is_empty());
        assert!(blocks(&machine(None, vec![]), Some(of("p"))).is_empty());
    }

    #[test]
    fn a_decryption_has_to_be_allowed_and_a_new_trigger_rekeys() {
        let is = |block| encrypted(block, &[]);
        let before = is(Some(of("p")));
        let removed = is(None);
        let refused = plan(Some(&before), &removed);
        assert!(refused.diagnostics.to_string().contains("allow_decrypt = true"));
        let allowed = plan(Some(&is(Some(E { allow_decrypt: true.into(), ..of("p") }))), &removed);
        assert!(!allowed.diagnostics.has_errors() && allowed.power_off.len() == 1);
        assert_eq!(plan(Some(&removed), &removed), Effects::default());
        let triggered = |trigger: Value<String>, rekey: &str| {
            let mut plan = is(Some(E { rekey_trigger: trigger, rekey: rekey.into(), ..of("p") }));
            complete(&before, &mut plan);
            (plan.encryption_status.is_unknown(), super::plan(Some(&before), &plan).power_off.len())
        };
        assert_eq!(triggered(Value::Null, "deep"), (false, 0));
        assert_eq!(triggered("1".into(), "shallow"), (true, 0));
        assert_eq!(triggered("1".into(), "deep"), (true, 1));
        // An imported one is as it is declared, or is not.
        let rests = |declared: &str| rests_after_import(&is(None), &is(Some(of(declared))));
        assert!(
            rests("p")
                && rests("")
                && !rests("q")
                && !rests_after_import(&model(None), &model(Some(of("p"))))
        );
        assert_eq!(triggered(Value::Unknown, "deep"), (true, 1));
    }
    #[test]
    fn disks_of_a_plain_machine_do_not_change_its_status() {
        let disk = |uuid: &str, policy: &str| DiskModel {
            uuid: uuid.into(),
            storage_policy_id: if policy.is_empty() { Value::Null } else { policy.into() },
            ..DiskModel::default()
        };
        let with = |encrypted: bool, disks: &[DiskModel]| M {
            encryption_status: Value::Known(EncryptionStatusModel {
                encrypted: encrypted.into(),
                types: if encrypted { vec!["config".to_owned()].into() } else { vec![].into() },
                ..Default::default()
            }),
            disk: disks.to_vec().into(),
            ..model(None)
        };
        for (encrypted, was, is, changes) in [
            (false, vec![disk("a", ""), disk("b", "")], vec![disk("a", "")], false),
            (false, vec![disk("a", "")], vec![disk("a", ""), disk("b", "")], false),
            (false, vec![disk("a", "")], vec![disk("a", ""), disk("b", "policy")], true),
            (false, vec![disk("a", "policy")], vec![disk("a", "policy")], false),
            (true, vec![disk("a", ""), disk("b", "")], vec![disk("a", "")], true),
        ] {
            let mut planned = with(encrypted, &is);
            complete(&with(encrypted, &was), &mut planned);
            assert_eq!(planned.encryption_status.is_unknown(), changes, "{encrypted} {was:?} {is:?}");
        }
    }
}
