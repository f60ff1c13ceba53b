//! `vsphere_offline_software_depot`
use crate::common::adopt::create_or_adopt;
use crate::fault::{Doing, or_absent};
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tf_framework::{AttributePath, Cx, Diagnostics, Dynamic, Model, Resource, Result, Timeouts, Value, same};
use vsphere_client::lifecycle::{Component, Created, Depot};
use vsphere_client::virtual_machine::Wait;

/// Manages an offline depot of vSphere Lifecycle Manager, which contains ESXi images and components that vCenter
/// downloads from a URL.
///
/// Requires vSphere 7.0 or later. vCenter downloads the depot once: later changes to the file at the URL are not
/// detected. A depot cannot be destroyed while a cluster image or a baseline uses its content.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_offline_software_depot", category = "Lifecycle")]
pub struct OfflineSoftwareDepotModel {
    /// The ID of the depot.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The URL of the depot, a ZIP file that vCenter can download, such as
    /// `https://files.example.com/esxi-8.0.3-depot.zip`.
    #[tf(required, force_new, check = not_blank)]
    pub location: Value<String>,
    /// The independent components in the depot, which are not part of a base image, sorted by key. Available in vSphere
    /// 7.0 U3 and later.
    #[tf(computed, same = same::unordered)]
    pub component: Value<Vec<ComponentModel>>,
    /// Timeouts for operations. An omitted timeout defaults to 1 hour, or to the provider's `api_timeout` if that is
    /// longer.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// A component of a depot.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct ComponentModel {
    /// The key of the component.
    #[tf(computed)]
    pub key: Value<String>,
    /// The display name of the component.
    #[tf(computed)]
    pub display_name: Value<String>,
    /// The versions of the component in the depot.
    #[tf(computed)]
    pub version: Value<Vec<String>>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct OfflineSoftwareDepot;

type M = OfflineSoftwareDepotModel;

/// vCenter downloads files of gigabytes.
const LONG: Duration = Duration::from_secs(3600);

fn not_blank(v: &Dynamic) -> std::result::Result<(), String> {
    match v.as_str().unwrap_or_default().trim() {
        "" => Err("It is empty. Expected a URL, such as \"https://files.example.com/depot.zip\".".to_owned()),
        _ => Ok(()),
    }
}

impl From<Component> for ComponentModel {
    fn from(c: Component) -> Self {
        Self { key: c.key.into(), display_name: c.display_name.into(), version: c.versions.into() }
    }
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the offline depot {:?}", self.location.as_str())
    }
}

/// The ID of the depot that was read from a location.
fn at<'a>(depots: &'a BTreeMap<String, Depot>, location: &str) -> Option<&'a String> {
    depots.iter().find(|(_, d)| d.location == location).map(|(id, _)| id)
}

impl Resource for OfflineSoftwareDepot {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the ID of the depot, or by its location";

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (api, location) = (&vsphere.api.lifecycle(), plan.location.as_str());
        let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel());
        let make = async {
            match api.create_depot(location, wait).await? {
                Created::New(None) => Ok(Created::New(at(&api.depots().await?, location).cloned())),
                other => Ok(other),
            }
        };
        let after = |seen: Arc<BTreeMap<String, Depot>>| async move {
            let new = api.depots().await?.into_iter().filter(|(id, _)| !seen.contains_key(id)).collect();
            Ok(at(&new, location).map(|id| Created::New(Some(id.clone()))))
        };
        let made = create_or_adopt(cx, &plan.title(), api.depots(), make, after).await;
        let error = |summary: &str, detail: String| Err(Diagnostics::error(M::LOCATION, summary, detail));
        let id = match made.doing_to(format!("create {}", plan.title()), |_| Some(M::LOCATION))? {
            Created::New(Some(id)) => id,
            Created::New(None) => {
                let detail = "vCenter reports that it has read the depot, but does not list it.".to_owned();
                return error(&format!("Unable to create {}", plan.title()), detail);
            }
            Created::Existing(id) => {
                let detail = format!(
                    "vCenter already has a depot with the same content. To manage it with this resource, import it: \
                     terraform import <address> {}",
                    id.as_deref().unwrap_or("<ID>")
                );
                return error("Offline depot already exists", detail);
            }
        };
        Ok(M { id: id.into(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let (api, id) = (cx.client().api.lifecycle(), state.id.as_str());
        let (depots, components) = futures_util::join!(api.depots(), api.components(id));
        let doing = || format!("read the offline depot {id:?}");
        let mut depots = depots.doing(doing())?;
        let Some(depot) = depots.remove(id) else { return Ok(None) };
        let components = match components {
            Err(e) if e.is_not_found() => return Ok(None),
            other => other.doing(doing())?,
        };
        Ok(Some(M {
            location: depot.location.into(),
            component: components.into_iter().map(Into::into).collect::<Vec<_>>().into(),
            ..state
        }))
    }

    async fn update(&self, _cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel());
        let done = vsphere.api.lifecycle().delete_depot(state.id.as_str(), wait).await;
        or_absent(done).doing(format!("delete {}", state.title()))
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let depots = cx.client().api.lifecycle().depots().await;
        let depots = depots.doing(format!("read the offline depot {id:?}"))?;
        match depots.get_key_value(id).map(|(id, _)| id).or_else(|| at(&depots, id)) {
            Some(id) => Ok(M { id: id.clone().into(), ..M::default() }),
            None => {
                let detail = "vCenter does not have an offline depot of this ID or location.";
                let summary = format!("Offline depot {id:?} not found");
                Err(Diagnostics::error(AttributePath::root(), summary, detail))
            }
        }
    }
}
