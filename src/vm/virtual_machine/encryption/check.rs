//! Whether the key providers are there that a plan needs.
use super::super::model::VtpmModel;
use super::{Change, E, M, block, key_of_state, planned_change};
use crate::common::key_providers::named;
use crate::common::once::Once;
use crate::run_notes::{NamedKind, RunNotes};
use crate::vm::virtual_machine::vtpm;
use crate::vsphere::Vsphere;
use std::convert::Infallible;
use std::sync::Arc;
use tf_framework::{AttributePath, Diagnostics};
use vsphere_client::crypto::{KeyProvider, ProviderType};

/// The key providers of the vCenter; nothing where the user may not list them, which is not tried again for each virtual
/// machine.
#[derive(Default)]
struct Providers(Once<(), Option<Arc<Vec<KeyProvider>>>>);

/// What a plan needs.
#[derive(Debug, PartialEq)]
enum Need<'a> {
    /// The key provider of that name.
    Named(&'a str),
    /// A default one, for the virtual machine.
    Default,
    /// A default one, for its virtual TPM.
    DefaultForTpm,
}

impl Need<'_> {
    fn at(&self) -> AttributePath {
        match self {
            Self::DefaultForTpm => M::VTPM.index(0).field(VtpmModel::VERSION),
            _ => M::ENCRYPTION.index(0).field(E::KEY_PROVIDER_ID),
        }
    }
}

/// What the change that a plan makes needs; nothing where it is not known. Pure.
fn need<'a>(prior: Option<&'a M>, planned: &'a M) -> Option<Need<'a>> {
    if planned.encryption.is_unknown() {
        return None;
    }
    if let Some(is) = block(planned) {
        let change = planned_change(prior, planned);
        if matches!(change, Change::Nothing | Change::Decrypt) || is.key_provider_id.is_unknown() {
            return None;
        }
        // A rekey keeps the key provider.
        let same = || prior?.encryption_status.known()?.key_provider_id.non_empty();
        return Some(
            is.key_provider_id.non_empty().or_else(same).map_or(Need::Default, |id| Need::Named(id)),
        );
    }
    // What is copied has a key provider of its own.
    let blank = |m: &M| m.clone.is_unknown() || m.ovf_deploy.is_unknown();
    let copied = blank(planned) || planned.clone.first().is_some() || planned.ovf_deploy.first().is_some();
    let is_new = vtpm::declared(planned) == Some(true)
        && prior.is_none_or(|p| vtpm::declared(p) == Some(false) && key_of_state(p).is_none());
    (is_new && !(copied && prior.is_none())).then_some(Need::DefaultForTpm)
}

/// What is wrong with it. `made` are the key providers that the run makes, and whether it makes one of a name. Pure.
fn problem(need: &Need<'_>, all: &[KeyProvider], makes_any: bool, makes: bool) -> Diagnostics {
    let error = |summary: String, detail: String| Diagnostics::error(need.at(), summary, detail);
    let found = match need {
        Need::Named(name) => match named(all, name, need.at()) {
            Ok(found) => found,
            Err(_) if makes => return Diagnostics::default(),
            Err(missing) => return missing,
        },
        // A cluster may have a default of its own.
        _ if makes_any || all.iter().any(|p| p.is_default_of_entity) => return Diagnostics::default(),
        Need::Default | Need::DefaultForTpm => match all.iter().find(|p| p.is_default) {
            Some(found) => found,
            None => {
                let detail = match need {
                    Need::DefaultForTpm => {
                        "A virtual TPM is encrypted with the default key provider, and vCenter does not have one. Make one the \
                         default, or name one in an `encryption` block."
                    }
                    _ => {
                        "vCenter does not have a default key provider. Make one the default, or set `key_provider_id`."
                    }
                };
                return error("There is no default key provider".to_owned(), detail.to_owned());
            }
        },
    };
    if found.ty == ProviderType::Native && !found.has_backup {
        let detail = "A native key provider must be backed up before it can be used: see Configure > Key Providers of the \
                      vCenter in the vSphere Client.";
        return error(format!("The key provider {:?} has not been backed up", found.id), detail.to_owned());
    }
    Diagnostics::default()
}

/// Looks up what a plan needs. Who may not list key providers may still use them: then vCenter says what is wrong.
pub(in crate::vm::virtual_machine) async fn check(
    vsphere: &Vsphere,
    prior: Option<&M>,
    planned: &M,
) -> Diagnostics {
    let Some(need) = need(prior, planned) else { return Diagnostics::default() };
    let look = async { Ok::<_, Infallible>(vsphere.api.key_providers().list().await.ok()) };
    let Ok(Some(all)) = vsphere.run::<Providers>().0.get((), look).await else {
        return Diagnostics::default();
    };
    let notes = vsphere.run::<RunNotes>();
    let makes = matches!(need, Need::Named(name) if notes.is_made(NamedKind::KeyProvider, name));
    problem(&need, &all, notes.any_is_made(NamedKind::KeyProvider), makes)
}

#[cfg(test)]
mod tests {
    use super::super::super::model::{CloneModel, EncryptionStatusModel};
    use super::*;
    use crate::common::key_providers::native as provider;
    use tf_framework::Value;

    #[test]
    fn what_a_plan_needs() {
        let tpm = M { vtpm: vec![VtpmModel::default()].into(), ..M::default() };
        let with = |provider: Value<String>| M {
            encryption: vec![E { key_provider_id: provider, ..E::default() }].into(),
            ..M::default()
        };
        let none = M { vtpm: vec![].into(), ..M::default() };
        assert_eq!(need(None, &none), None);
        assert_eq!(need(None, &tpm), Some(Need::DefaultForTpm));
        assert_eq!(need(Some(&none), &tpm), Some(Need::DefaultForTpm));
        assert_eq!(need(Some(&tpm), &tpm), None);
        let copied = M { clone: vec![CloneModel::default()].into(), ..tpm.clone() };
        assert_eq!(need(None, &copied), None);
        assert_eq!(need(None, &with("p".into())), Some(Need::Named("p")));
        assert_eq!(need(None, &with(Value::Null)), Some(Need::Default));
        assert_eq!(need(None, &with(Value::Unknown)), None);
        let is = |block: M| M {
            encryption_status: Value::Known(EncryptionStatusModel {
                encrypted: true.into(),
                key_provider_id: "q".into(),
                ..Default::default()
            }),
            ..block
        };
        let mut rekeyed = with(Value::Null);
        rekeyed.encryption = vec![E { rekey_trigger: "1".into(), ..E::default() }].into();
        assert_eq!(need(Some(&is(with(Value::Null))), &rekeyed), Some(Need::Named("q")));
        assert_eq!(need(Some(&is(with(Value::Null))), &with(Value::Null)), None);
        assert_eq!(need(None, &M { vtpm: tpm.vtpm.clone(), ..with("p".into()) }), Some(Need::Named("p")));
    }

    #[test]
    fn a_provider_must_be_there_and_backed_up() {
        let all = [provider("a", false, true), provider("b", true, false)];
        let say = |need: Need<'_>, all: &[KeyProvider]| problem(&need, all, false, false).to_string();
        assert_eq!(say(Need::Named("a"), &all), "");
        assert!(say(Need::Named("b"), &all).contains("not been backed up"));
        assert!(say(Need::Named("c"), &all).contains("\"a\", \"b\""));
        assert!(problem(&Need::Named("c"), &all, true, true).is_empty());
        assert!(say(Need::Default, &all).contains("\"b\" has not been backed up"));
        assert!(say(Need::DefaultForTpm, &all[..1]).contains("no default key provider"));
        assert!(problem(&Need::Default, &all[..1], true, false).is_empty());
        let of_cluster = KeyProvider { is_default_of_entity: true, ..all[0].clone() };
        assert_eq!(say(Need::Default, &[of_cluster]), "");
    }
}
