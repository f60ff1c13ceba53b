//! `vsphere_key_provider`
pub mod data_source;
mod plan;
use crate::common::adopt::create_or_adopt;
use crate::common::key_providers::named;
use crate::fault::Doing;
use crate::nearest::some;
use crate::run_notes::{NamedKind, RunNotes};
use crate::vsphere::Vsphere;
use plan::Step;
use std::collections::BTreeSet;
use tf_framework::{AttributePath, Cx, Diagnostics, Model, Plan, PlanCx, Resource, Result, Secret, Value};
use vsphere_client::crypto::{KeyProvider as Provider, KeyServer, ProviderType};
use vsphere_client::vim::xml;

/// Manages a key provider, which provides the keys that virtual machines, their disks and virtual Trusted Platform Modules
/// (vTPMs) are encrypted with.
///
/// Without `server` blocks it is a vSphere Native Key Provider, which requires vSphere 7.0 Update 2 or later, and which must
/// be backed up in the vSphere Client before virtual machines can be encrypted: see `has_backup`. With `server` blocks it is
/// a standard key provider, which gets its keys from key servers (KMIP). The trust between vCenter and the key servers is
/// established in the vSphere Client.
///
/// Destroying a key provider deletes the keys of a native key provider: data that is encrypted with them is lost, unless
/// the key provider is restored from a backup. A key provider that virtual machines are encrypted with is not destroyed.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_key_provider", category = "Security")]
pub struct KeyProviderModel {
    /// The name of the key provider, for use as a `key_provider_id`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the key provider, which must be unique in vCenter.
    #[tf(required, force_new, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// Whether the key provider is the default of vCenter, which encrypts virtual machines that do not name a key provider.
    /// If `true`, any other key provider is no longer the default. If omitted, the default is not managed.
    #[tf(optional, computed)]
    pub default: Value<bool>,
    /// Whether a native key provider can only be used on hosts with a TPM 2.0. Defaults to `false`.
    #[tf(optional, force_new, default = false)]
    pub tpm_required: Value<bool>,
    /// A key server of a standard key provider. The key servers of a key provider must have the same keys. Adding the first or
    /// removing the last block replaces the key provider.
    #[tf(block, key = "name")]
    pub server: Value<Vec<ServerModel>>,
    /// The type of the key provider: `native` or `standard`.
    #[tf(computed)]
    pub r#type: Value<String>,
    /// Whether a native key provider has been backed up. Virtual machines cannot be encrypted with it before.
    #[tf(computed)]
    pub has_backup: Value<bool>,
    /// The ID of the key of a native key provider.
    #[tf(computed)]
    pub key_id: Value<String>,
}

/// A key server.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ServerModel {
    /// The name of the key server, which must be unique in the key provider.
    #[tf(required, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The host name or IP address of the key server.
    #[tf(required, pattern(r"\S", "a host name or IP address"))]
    pub address: Value<String>,
    /// The port of the key server.
    #[tf(optional, default = 5696, range(1, 65535))]
    pub port: Value<i64>,
    /// The host name or IP address of the proxy.
    #[tf(optional)]
    pub proxy_address: Value<String>,
    /// The port of the proxy.
    #[tf(optional, range(1, 65535))]
    pub proxy_port: Value<i64>,
    /// The user name for the key server.
    #[tf(optional)]
    pub username: Value<String>,
    /// The password for the key server. The password is stored in the state; to avoid this, use `password_wo`.
    #[tf(optional, sensitive, conflicts_with("password_wo"))]
    pub password: Value<Secret>,
    /// A write-only alternative to `password`, which is stored in neither the plan nor the state. Requires Terraform
    /// 1.11 or later.
    #[tf(optional, write_only, sensitive)]
    pub password_wo: Value<Secret>,
    /// The version of `password_wo`, any string. Change this whenever `password_wo` changes: the next apply then sets
    /// the current `password_wo`.
    #[tf(optional)]
    pub password_wo_version: Value<String>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct KeyProvider;

type M = KeyProviderModel;
type S = ServerModel;

/// How a type is called.
fn type_name(ty: &ProviderType) -> &str {
    match ty {
        ProviderType::Native => "native",
        ProviderType::Standard => "standard",
        ProviderType::Other(name) => name,
    }
}

impl S {
    fn plain(&self) -> KeyServer {
        let port = |v: &Value<i64>| v.known().and_then(|p| i32::try_from(*p).ok());
        KeyServer {
            name: self.name.get(),
            address: self.address.get(),
            port: port(&self.port).unwrap_or_default(),
            proxy_address: self.proxy_address.non_empty().cloned(),
            proxy_port: port(&self.proxy_port),
            user: self.username.non_empty().cloned(),
        }
    }

    fn seen(found: KeyServer, before: Option<&Self>) -> Self {
        Self {
            name: found.name.into(),
            address: found.address.into(),
            port: i64::from(found.port).into(),
            proxy_address: found.proxy_address.into(),
            proxy_port: found.proxy_port.map(i64::from).into(),
            username: found.user.into(),
            ..before.cloned().unwrap_or_default()
        }
    }
}

impl M {
    fn title(&self) -> String {
        format!("the key provider {:?}", self.name.as_str())
    }

    fn servers(&self) -> &[S] {
        self.server.known().map_or(&[], Vec::as_slice)
    }

    fn plain(&self) -> Vec<KeyServer> {
        self.servers().iter().map(S::plain).collect()
    }

    fn server_named(&self, name: &str) -> Option<&S> {
        self.servers().iter().find(|s| s.name.as_str() == name)
    }

    /// The password of a server that is sent: the write-only one is in the configuration only.
    fn password(&self, config: Option<&Self>, name: &str) -> Option<xml::Secret> {
        let write_only = config.and_then(|c| c.server_named(name)).and_then(|s| s.password_wo.known());
        let given = write_only.or_else(|| self.server_named(name)?.password.known());
        given.map(|p| xml::Secret::new(p.expose()))
    }

    /// The servers whose password is new: it is another one, or another version of the write-only one.
    fn new_passwords<'a>(&'a self, prior: &Self) -> BTreeSet<&'a str> {
        let is_new = |s: &&S| {
            let before = prior.server_named(s.name.as_str());
            before.is_some_and(|b| b.password != s.password || b.password_wo_version != s.password_wo_version)
        };
        self.servers().iter().filter(is_new).map(|s| s.name.as_str()).collect()
    }

    fn seen(self, found: Provider) -> Self {
        let names: Vec<&str> = self.servers().iter().map(|s| s.name.as_str()).collect();
        let servers = plan::in_order(found.servers, &names);
        let servers: Vec<S> = servers
            .into_iter()
            .map(|s| {
                let before = self.server_named(&s.name);
                S::seen(s, before)
            })
            .collect();
        Self {
            id: found.id.clone().into(),
            name: found.id.into(),
            default: found.is_default.into(),
            tpm_required: found.tpm_required.into(),
            server: servers.into(),
            r#type: type_name(&found.ty).to_owned().into(),
            has_backup: found.has_backup.into(),
            key_id: found.key_id.into(),
        }
    }
}

/// The type that a configuration makes; nothing while that is not known.
fn wanted(config: &M) -> Option<&'static str> {
    let blocks = config.server.known();
    if config.server.is_unknown() {
        return None;
    }
    Some(if blocks.is_none_or(Vec::is_empty) { "native" } else { "standard" })
}

/// What a deletion is refused with. Pure.
fn in_use(title: &str, users: &[String]) -> Diagnostics {
    let detail = format!(
        "These virtual machines or disks of theirs are encrypted with its keys: {}. They could not be powered on without them. Decrypt them, or \
         encrypt them with another key provider.",
        some(users, 10)
    );
    Diagnostics::error(AttributePath::root(), format!("Unable to delete {title}: it is in use"), detail)
}

/// Key servers and default, from what there is.
async fn bring(cx: &Cx<'_, KeyProvider>, prior: Option<&M>, plan: &M, found: Provider) -> Result<()> {
    let api = cx.client().api.key_providers();
    let (id, title) = (found.id.as_str(), plan.title());
    let passwords = prior.map(|p| plan.new_passwords(p)).unwrap_or_default();
    for step in plan::steps(&found.servers, &plan.plain(), &passwords) {
        match step {
            Step::Add(server) => {
                let password = plan.password(cx.config(), &server.name);
                let done = api.add_server(id, &server, password).await;
                done.doing(format!("add the key server {:?} to {title}", server.name))?;
            }
            Step::Change(server) => {
                let password = plan.password(cx.config(), &server.name);
                let done = api.change_server(id, &server, password).await;
                done.doing(format!("change the key server {:?} of {title}", server.name))?;
            }
            Step::Remove(name) => {
                let done = api.remove_server(id, &name).await;
                done.doing(format!("remove the key server {name:?} from {title}"))?;
            }
        }
    }
    // A plan without `default` has what the state had: that must not be applied.
    let declared = cx.config().and_then(|c| c.default.known());
    match declared {
        Some(true) if !found.is_default => {
            let done = api.make_default(id).await;
            done.doing_to(format!("make {title} the default"), |_| Some(M::DEFAULT))
        }
        Some(false) if found.is_default => {
            let done = api.unset_default().await;
            let doing = format!("make {title} no longer the default");
            done.doing_to(doing, |_| Some(M::DEFAULT))
        }
        _ => Ok(()),
    }
}

impl Resource for KeyProvider {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the name";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        let names: Vec<&str> = config.servers().iter().map(|s| s.name.as_str()).collect();
        for (i, name) in plan::repeated(&names).into_iter().filter(|(_, name)| !name.is_empty()) {
            let detail = format!("Another `server` block of the key provider has the name {name:?}.");
            out.merge(Diagnostics::error(
                M::SERVER.index(i).field(S::NAME),
                "The name is not unique",
                detail,
            ));
        }
        if config.tpm_required.known() == Some(&true) && wanted(config) == Some("standard") {
            let detail = "Only a native key provider, which has no `server` blocks, can require a TPM.";
            out.merge(Diagnostics::error(M::TPM_REQUIRED, "Not possible with `server` blocks", detail));
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let ty = wanted(planned);
        if let Some(prior) = cx.prior
            && ty.is_some_and(|ty| prior.r#type.known().is_some_and(|before| before != ty))
        {
            cx.replace.push(M::SERVER.into());
        }
        if let Some(ty) = ty.filter(|_| cx.prior.is_none() || cx.is_replacement()) {
            planned.set(M::TYPE, ty.to_owned().into());
            let name = planned.name.clone();
            planned.set(M::ID, name);
        }
        // Another key provider may become the default in the same run.
        if cx.changed && cx.config.default.is_null() && cx.prior.is_some_and(|p| p.default.get()) {
            planned.unknown(M::DEFAULT);
        }
        if let (Some(vsphere), Some(name)) = (cx.client, planned.name.known())
            && (cx.prior.is_none() || cx.changed)
        {
            vsphere.run::<RunNotes>().makes(NamedKind::KeyProvider, name);
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let (api, name, title) = (cx.client().api.key_providers(), plan.name.as_str(), plan.title());
        // Registering a key server would add it to a key provider that exists.
        if let Some(found) = api.get_now(name).await.doing(format!("look up {title}"))? {
            let detail = format!(
                "It is a {} key provider. Choose another name, or import what exists: terraform import <address> '{name}'.",
                type_name(&found.ty)
            );
            return Err(Diagnostics::error(M::NAME, format!("Key provider {name:?} already exists"), detail));
        }
        let first = plan.servers().first().map(S::plain);
        let password = first.as_ref().and_then(|s| plan.password(cx.config(), &s.name));
        let make = async {
            match &first {
                None => api.create_native(name, plan.tpm_required.get()).await,
                Some(server) => api.add_server(name, server, password).await,
            }
        };
        // It did not exist before.
        let absent = async { Ok(()) };
        let there = |_| async { Ok(api.get_now(name).await?.map(|_| ())) };
        let made = create_or_adopt(cx, &title, absent, make, there).await;
        made.doing_to(format!("create {title}"), |_| Some(M::NAME))?;
        let made = M { id: plan.name.clone(), ..plan };
        cx.checkpoint(&made);
        let found = api.get_now(made.name.as_str()).await.doing(format!("read {title}"))?;
        if let Some(found) = found {
            bring(cx, None, &made, found).await?;
        }
        Ok(made)
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let all = cx.client().api.key_providers().list().await.doing(format!("read {}", state.title()))?;
        let found = all.iter().find(|p| p.id == state.id.as_str()).cloned();
        Ok(found.map(|p| state.seen(p)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let title = prior.title();
        let found = cx.client().api.key_providers().get_now(prior.id.as_str()).await;
        let Some(found) = found.doing(format!("read {title}"))? else {
            let detail = "It was deleted after the plan. Plan again to create it again.";
            let summary = format!("Key provider {:?} does not exist", prior.name.as_str());
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        };
        bring(cx, Some(&prior), &plan, found).await?;
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let (api, id, title) = (cx.client().api.key_providers(), state.id.as_str(), state.title());
        let users = api.users(id).await.doing(format!("look for the virtual machines that use {title}"))?;
        if !users.is_empty() {
            return Err(in_use(&title, &users));
        }
        let done = if state.r#type.as_str() == "native" {
            api.delete_native(id).await
        } else {
            api.unregister(id).await
        };
        if done.is_err() && matches!(api.get_now(id).await, Ok(None)) {
            return Ok(());
        }
        done.doing(format!("delete {title}"))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let all = cx.client().api.key_providers().list().await.doing("list the key providers")?;
        let found = named(&all, id, AttributePath::root())?;
        if let ProviderType::Other(ty) = &found.ty {
            let detail =
                format!("Its type is {ty:?}. Only native and standard key providers can be managed.");
            let summary = format!("The key provider {id:?} cannot be imported");
            return Err(Diagnostics::error(AttributePath::root(), summary, detail));
        }
        Ok(M::default().seen(found.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(name: &str, password: &str, version: &str) -> S {
        let set = |t: &str| if t.is_empty() { Value::Null } else { Value::Known(t.into()) };
        S {
            name: name.into(),
            password: set(password),
            password_wo_version: if version.is_empty() { Value::Null } else { version.into() },
            ..S::default()
        }
    }

    fn with(servers: Vec<S>) -> M {
        M { server: servers.into(), ..M::default() }
    }

    #[test]
    fn the_type_follows_from_the_blocks() {
        assert_eq!(wanted(&with(vec![])), Some("native"));
        assert_eq!(wanted(&with(vec![S::default()])), Some("standard"));
        assert_eq!(wanted(&M { server: Value::Unknown, ..M::default() }), None);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let errors = |m: &M| KeyProvider.validate(m).0.iter().map(|d| d.at.to_string()).collect::<Vec<_>>();
        let twice = with(vec![server("a", "", ""), server("a", "", "")]);
        assert_eq!(errors(&twice), ["server[1].name"]);
        let tpm = M { tpm_required: true.into(), ..with(vec![server("a", "", "")]) };
        assert_eq!(errors(&tpm), ["tpm_required"]);
        assert!(errors(&M { server: Value::Unknown, ..tpm.clone() }).is_empty());
        let unknown = S { name: Value::Unknown, ..S::default() };
        assert!(errors(&with(vec![unknown.clone(), unknown])).is_empty());
    }

    #[test]
    fn a_password_is_sent_when_it_or_its_version_changes() {
        let before = with(vec![server("a", "x", ""), server("b", "", "1")]);
        let after = with(vec![server("a", "y", ""), server("b", "", "2"), server("c", "z", "")]);
        assert_eq!(after.new_passwords(&before), BTreeSet::from(["a", "b"]));
        assert!(before.new_passwords(&before).is_empty());
        let config = with(vec![S { password_wo: Value::Known("w".into()), ..server("b", "", "2") }]);
        let sent = |name| after.password(Some(&config), name).map(|p| p.expose().to_owned());
        assert_eq!((sent("a"), sent("b"), sent("d")), (Some("y".into()), Some("w".into()), None));
    }

    #[test]
    fn passwords_stay_in_the_state_of_their_server() {
        let state = with(vec![server("a", "x", ""), server("b", "", "1")]);
        let named = |name: &str| KeyServer { name: name.into(), ..KeyServer::default() };
        let found = Provider {
            id: "k".into(),
            ty: ProviderType::Standard,
            servers: vec![named("b"), named("a")],
            is_default: true,
            is_default_of_entity: false,
            has_backup: false,
            tpm_required: false,
            key_id: None,
        };
        let seen = state.seen(found);
        assert_eq!(seen.servers()[0].password.known().map(|p| p.expose().to_owned()), Some("x".to_owned()));
        assert_eq!(seen.servers()[1].password_wo_version.as_str(), "1");
        assert_eq!((seen.r#type.as_str(), seen.default.get()), ("standard", true));
    }
}
