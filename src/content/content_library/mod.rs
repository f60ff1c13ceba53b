//! `vsphere_content_library`
pub mod data_source;
use crate::common::adopt::create_or_adopt;
use crate::common::moid::{Datastore, MoId};
use crate::common::{entity, lookup};
use crate::content::libraries::{libraries_named, library_of, refused};
use crate::fault::{Doing, or_absent};
use crate::vsphere::Vsphere;
use futures_util::future::try_join_all;
use std::collections::BTreeSet;
use std::sync::Arc;
use tf_framework::{AttributePath, Cx, Diagnostics, Model, Plan, PlanCx, Resource, Result, Secret, Value};
use vsphere_client::content_library::{Library, LibrarySpec, Publication, Subscription};
use vsphere_client::vim::xml;

/// Manages a content library. A library is either local, and can be published, or subscribed to a published library.
///
/// Destroying a content library deletes its items.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_content_library", category = "Content Library")]
pub struct ContentLibraryModel {
    /// The ID of the content library, a UUID.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name of the content library. vCenter does not require unique names.
    #[tf(required, force_new, pattern(r"\S", "a name that is not blank"))]
    pub name: Value<String>,
    /// The description of the content library.
    #[tf(optional, force_new)]
    pub description: Value<String>,
    /// The managed object IDs of the datastores that store the items, such as `datastore-14`. vCenter uses the first
    /// one.
    #[tf(required, force_new, each(form = MoId::<Datastore>::any_form))]
    pub storage_backing: Value<BTreeSet<String>>,
    /// The publication settings of a local content library. Conflicts with `subscription`.
    #[tf(block, computed, max = 1, force_new)]
    pub publication: Value<Vec<PublicationModel>>,
    /// The published library to subscribe to. Conflicts with `publication`.
    #[tf(block, max = 1, force_new)]
    pub subscription: Value<Vec<SubscriptionModel>>,
}

/// The publication settings of a local content library.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct PublicationModel {
    /// The authentication method for subscribers: `NONE` or `BASIC`.
    #[tf(optional, force_new, default = NONE, one_of("NONE", "BASIC"))]
    pub authentication_method: Value<String>,
    /// The user name for subscribers, used only if `authentication_method` is `BASIC`. vCenter accepts only `vcsp`.
    #[tf(optional, computed, force_new)]
    pub username: Value<String>,
    /// The password for subscribers, used only if `authentication_method` is `BASIC`. The password is stored in the
    /// state; to avoid this, use `password_wo`.
    #[tf(optional, computed, force_new, sensitive)]
    pub password: Value<Secret>,
    /// A write-only alternative to `password`, which is stored in neither the plan nor the state. Requires Terraform
    /// 1.11 or later.
    #[tf(optional, write_only, sensitive)]
    pub password_wo: Value<Secret>,
    /// The version of `password_wo`, any string. Change this whenever `password_wo` changes: the content library is
    /// then replaced and uses the current `password_wo`.
    #[tf(optional, force_new)]
    pub password_wo_version: Value<String>,
    /// Whether to publish the content library.
    #[tf(optional, force_new, default = false)]
    pub published: Value<bool>,
    /// The URL of the published library, for use as the `subscription_url` of subscribers.
    #[tf(computed)]
    pub publish_url: Value<String>,
}

/// The published library to subscribe to.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct SubscriptionModel {
    /// The authentication method of the published library: `NONE` or `BASIC`.
    #[tf(optional, force_new, default = NONE, one_of("NONE", "BASIC"))]
    pub authentication_method: Value<String>,
    /// The URL of the published library: the `publish_url` of a `vsphere_content_library`, or the URL of a `lib.json`
    /// file.
    #[tf(optional, force_new, default = NONE)]
    pub subscription_url: Value<String>,
    /// The user name, used only if `authentication_method` is `BASIC`.
    #[tf(optional, computed, force_new)]
    pub username: Value<String>,
    /// The password, used only if `authentication_method` is `BASIC`. The password is stored in the state; to avoid
    /// this, use `password_wo`.
    #[tf(optional, computed, force_new, sensitive)]
    pub password: Value<Secret>,
    /// A write-only alternative to `password`, which is stored in neither the plan nor the state. Requires Terraform
    /// 1.11 or later.
    #[tf(optional, write_only, sensitive)]
    pub password_wo: Value<Secret>,
    /// The version of `password_wo`, any string. Change this whenever `password_wo` changes: the content library is
    /// then replaced and uses the current `password_wo`.
    #[tf(optional, force_new)]
    pub password_wo_version: Value<String>,
    /// Whether to download the files of an item only when they are needed. If `false`, the files are downloaded when
    /// the content library is synchronized.
    #[tf(optional, force_new, default = true)]
    pub on_demand: Value<bool>,
    /// Whether vCenter synchronizes the content library automatically.
    #[tf(optional, force_new, default = false)]
    pub automatic_sync: Value<bool>,
}

type M = ContentLibraryModel;

/// What the official provider has for no URL, and vCenter for no authentication.
const NONE: &str = "NONE";

/// The resource.
#[derive(Debug, Default)]
pub struct ContentLibrary;

/// The password that is sent to vCenter: the write-only one is in the configuration only.
fn password(stored: &Value<Secret>, write_only: Option<&Value<Secret>>) -> xml::Secret {
    let given = write_only.and_then(Value::known).or(stored.known());
    xml::Secret::new(given.map_or("", Secret::expose))
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the content library `{}`", self.name.as_str())
    }

    /// What vCenter is to make. `config` has the write-only passwords.
    fn spec(&self, config: Option<&M>) -> LibrarySpec {
        let publication = self.publication.first().map(|p| {
            let write_only = config.and_then(|c| c.publication.first()).map(|c| &c.password_wo);
            let info = Publication {
                published: p.published.get(),
                authentication_method: p.authentication_method.get(),
                user_name: p.username.get(),
                publish_url: String::new(),
            };
            (info, password(&p.password, write_only))
        });
        let subscription = self.subscription.first().map(|s| {
            let write_only = config.and_then(|c| c.subscription.first()).map(|c| &c.password_wo);
            let info = Subscription {
                subscription_url: s.subscription_url.get(),
                authentication_method: s.authentication_method.get(),
                user_name: s.username.get(),
                on_demand: s.on_demand.get(),
                automatic_sync_enabled: s.automatic_sync.get(),
            };
            (info, password(&s.password, write_only))
        });
        LibrarySpec {
            name: self.name.get(),
            description: self.description.get(),
            datastores: self.storage_backing.get().into_iter().collect(),
            publication,
            subscription,
        }
    }

    /// With what vCenter returns. It returns no passwords: those of the state stay.
    fn observed(self, library: &Library) -> Self {
        let kept = |v: Option<&Value<Secret>>| -> Value<Secret> {
            v.and_then(Value::known).cloned().unwrap_or_default().into()
        };
        let version = |v: Option<&Value<String>>| v.and_then(Value::known).cloned().into();
        let was = self.publication.first();
        // Without a block in the configuration, a library that is not published has none.
        let publication = library.publish_info.as_ref().filter(|p| was.is_some() || p.published).map(|p| {
            vec![PublicationModel {
                authentication_method: p.authentication_method.clone().into(),
                username: p.user_name.clone().into(),
                password: kept(was.map(|w| &w.password)),
                password_wo: Value::Null,
                password_wo_version: version(was.map(|w| &w.password_wo_version)),
                published: p.published.into(),
                publish_url: p.publish_url.clone().into(),
            }]
        });
        let was = self.subscription.first();
        let subscription = library.subscription_info.as_ref().map(|s| {
            vec![SubscriptionModel {
                authentication_method: s.authentication_method.clone().into(),
                subscription_url: s.subscription_url.clone().into(),
                username: s.user_name.clone().into(),
                password: kept(was.map(|w| &w.password)),
                password_wo: Value::Null,
                password_wo_version: version(was.map(|w| &w.password_wo_version)),
                on_demand: s.on_demand.into(),
                automatic_sync: s.automatic_sync_enabled.into(),
            }]
        });
        Self {
            id: library.id.clone().into(),
            name: library.name.clone().into(),
            description: library.description.clone().into(),
            storage_backing: library.datastores().map(str::to_owned).collect::<BTreeSet<_>>().into(),
            publication: publication.map_or(self.publication, Value::from),
            subscription: subscription.unwrap_or_default().into(),
        }
    }
}

/// The path of an attribute in one of the two blocks.
fn at(block: tf_framework::Field, attribute: tf_framework::Field) -> AttributePath {
    block.index(0).field(attribute)
}

/// Whether a text is a URL that vCenter can fetch from.
fn is_url(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["https://", "http://"].iter().any(|s| lower.strip_prefix(s).is_some_and(|rest| !rest.is_empty()))
}

impl Resource for ContentLibrary {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the ID, a UUID, or by the name";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        let (publication, subscription) = (config.publication.first(), config.subscription.first());
        if publication.is_some() && subscription.is_some() {
            let detail = "A subscribed library has the items of another one and cannot be published. Remove one of \
                          `publication` and `subscription`.";
            out.merge(Diagnostics::error(M::SUBSCRIPTION, "Conflicting kinds of content library", detail));
        }
        let both = [
            publication.map(|p| (M::PUBLICATION, &p.password, &p.password_wo)),
            subscription.map(|s| (M::SUBSCRIPTION, &s.password, &s.password_wo)),
        ];
        for (block, password, write_only) in both.into_iter().flatten() {
            // One that is not known yet may be null.
            if password.known().is_some() && write_only.known().is_some() {
                let detail =
                    "`password` and `password_wo` are two ways to set one password. Remove one of the two.";
                let path = at(block, PublicationModel::PASSWORD_WO);
                out.merge(Diagnostics::error(path, "Conflicting passwords", detail));
            }
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(prior) = cx.prior else {
            let mut problems = Diagnostics::default();
            let url = planned.subscription.first().map(|s| &s.subscription_url);
            if let Some(url) = url.and_then(Value::known)
                && !is_url(url)
            {
                // The value is not shown: a URL can contain a password.
                let detail = "Set it to the URL of a published library, which begins with `https://` or `http://`: the \
                              `publish_url` of a `vsphere_content_library`, or the URL of a `lib.json`.";
                let path = at(M::SUBSCRIPTION, SubscriptionModel::SUBSCRIPTION_URL);
                problems.merge(Diagnostics::error(path, "Missing subscription URL", detail));
            }
            if let (Some(vsphere), Some(ids)) = (cx.client, planned.storage_backing.known()) {
                let known = ids.iter().filter(|id| entity::type_of(id) == Some("Datastore"));
                let looks = known.map(|id| {
                    let datastore = MoId::<Datastore>::object(id);
                    async move { lookup::exists(vsphere, &datastore, M::STORAGE_BACKING).await }
                });
                if let Err(missing) = try_join_all(looks).await {
                    problems.merge(missing);
                }
            }
            return problems.into_result(());
        };
        // vCenter returns no passwords: an import cannot know them, nor the version of one.
        for (block, was) in [
            (M::PUBLICATION, prior.publication.first().map(|p| &p.password)),
            (M::SUBSCRIPTION, prior.subscription.first().map(|s| &s.password)),
        ] {
            let unknown = was.and_then(Value::known).is_none_or(|p| p.expose().is_empty());
            if unknown && cx.imported() {
                let paths = [PublicationModel::PASSWORD, PublicationModel::PASSWORD_WO_VERSION];
                cx.replace.retain(|p| !paths.iter().any(|name| *p == at(block, *name)));
            }
        }
        if cx.is_replacement() {
            let detail = "The items of the library are deleted with it; vCenter creates the new library without items.";
            let summary = format!("Content library {:?} will be deleted", prior.name.as_str());
            cx.warn(AttributePath::root(), summary, detail);
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (libraries, spec) = (&vsphere.api.content_libraries(), &plan.spec(cx.config()));
        let make = async { libraries.create_library(spec).await };
        let after = |before: Arc<Arc<Vec<String>>>| async move {
            let now = libraries.library_ids().await?;
            for id in now.iter().filter(|id| !before.contains(id)) {
                let library = libraries.library(id).await?;
                if library.name == spec.name && library.is_subscribed() == spec.subscription.is_some() {
                    return Ok(Some(id.clone()));
                }
            }
            Ok(None)
        };
        let made = create_or_adopt(cx, &plan.title(), libraries.library_ids(), make, after).await;
        let privilege = match spec.subscription {
            Some(_) => "CreateSubscribedLibrary",
            None => "CreateLocalLibrary",
        };
        let advice = |kind: &str| match kind {
            "ALREADY_EXISTS" => Some((
                AttributePath::from(M::NAME),
                format!(
                    "Choose another name, or import the existing library: terraform import <address> '{}'.",
                    plan.name.as_str()
                ),
            )),
            _ => None,
        };
        let id = refused(made, format!("create {}", plan.title()), privilege, advice)?;
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        match cx.client().api.content_libraries().library(state.id.as_str()).await {
            Err(e) if e.is_not_found() => Ok(None),
            found => {
                let library = found.doing(format!("read {}", state.title()))?;
                Ok(Some(state.observed(&library)))
            }
        }
    }

    async fn update(&self, _cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        // Only a password that an import could not know: it is that of the library already.
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let libraries = cx.client().api.content_libraries();
        let subscribed = state.subscription.first().is_some();
        let ty = if subscribed { "SUBSCRIBED" } else { "LOCAL" };
        let library = Library { id: state.id.get(), ty: ty.to_owned(), ..Default::default() };
        let done = or_absent(libraries.delete_library(&library).await);
        let privilege = if subscribed { "DeleteSubscribedLibrary" } else { "DeleteLocalLibrary" };
        refused(done, format!("delete {}", state.title()), privilege, |_| None)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let vsphere = cx.client();
        if crate::common::machine::is_uuid(id) {
            let library = library_of(vsphere, id, AttributePath::root()).await?;
            return Ok(M { id: library.id.clone().into(), ..M::default() });
        }
        let found = libraries_named(vsphere, id, AttributePath::root()).await?;
        if let [one] = found.as_slice() {
            return Ok(M { id: one.id.clone().into(), ..M::default() });
        }
        let ids: Vec<&str> = found.iter().map(|l| l.id.as_str()).collect();
        let detail = format!("Import one of them by its ID: {}.", ids.join(", "));
        let summary = format!("{} content libraries have the name {id:?}", found.len());
        Err(Diagnostics::error(AttributePath::root(), summary, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(password: &str) -> M {
        let publication = PublicationModel {
            authentication_method: "BASIC".into(),
            username: "vcsp".into(),
            password: Value::Known(Secret::from(password)),
            published: true.into(),
            ..Default::default()
        };
        M { name: "lib".into(), publication: vec![publication].into(), ..M::default() }
    }

    fn password_of(m: &M, config: Option<&M>) -> String {
        m.spec(config).publication.map(|(_, p)| p.expose().to_owned()).unwrap_or_default()
    }

    #[test]
    fn write_only_password_replaces_the_stored_one() {
        let mut config = published("");
        assert_eq!(password_of(&published("stored"), Some(&config)), "stored");
        if let Value::Known(blocks) = &mut config.publication {
            blocks[0].password_wo = Value::Known(Secret::from("secret"));
        }
        assert_eq!(password_of(&published(""), Some(&config)), "secret");
        assert_eq!(password_of(&published("stored"), None), "stored");
    }

    #[test]
    fn password_of_the_state_stays() {
        let library = Library {
            id: "1".to_owned(),
            name: "lib".to_owned(),
            publish_info: Some(Publication {
                published: true,
                authentication_method: "BASIC".to_owned(),
                user_name: "vcsp".to_owned(),
                publish_url: "https://vc/lib".to_owned(),
            }),
            ..Default::default()
        };
        let seen = published("hunter2").observed(&library);
        let block = &seen.publication.known().unwrap()[0];
        assert_eq!(block.password.known().unwrap().expose(), "hunter2");
        assert_eq!(block.publish_url.as_str(), "https://vc/lib");
        assert!(seen.subscription.known().unwrap().is_empty());
    }

    #[test]
    fn unpublished_library_needs_no_block() {
        let off = Publication { authentication_method: "NONE".to_owned(), ..Default::default() };
        let library = Library { publish_info: Some(off), ..Default::default() };
        assert!(M::default().observed(&library).publication.is_null());
        assert_eq!(published("").observed(&library).publication.known().map(Vec::len), Some(1));
    }

    #[test]
    fn library_cannot_be_published_and_subscribed() {
        let subscription = SubscriptionModel { subscription_url: "https://x".into(), ..Default::default() };
        let both = M { subscription: vec![subscription].into(), ..published("") };
        let problems = ContentLibrary.validate(&both);
        assert!(problems.to_string().contains("Conflicting kinds"), "{problems}");
        assert!(!ContentLibrary.validate(&published("x")).has_errors());
    }

    #[test]
    fn urls_have_a_scheme() {
        for (text, expected) in [
            ("https://vc/lib.json", true),
            ("HTTP://x", true),
            ("NONE", false),
            ("", false),
            ("https://", false),
        ] {
            assert_eq!(is_url(text), expected, "{text}");
        }
    }
}
