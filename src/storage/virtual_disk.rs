//! `vsphere_virtual_disk`
use super::place::{Names, Place, imported, same_path};
use crate::common::lookup;
use crate::fault::{Doing, capital, no_attribute};
use crate::vsphere::Vsphere;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Dynamic, Field, Model, Plan, PlanCx, Resource, Result, Timeouts, Value,
};
use vsphere_client::device::DatastorePath;
use vsphere_client::virtual_disk::{DiskFile, Provisioning};
use vsphere_client::{Error, FaultKind};

/// Manages a virtual disk on a datastore that is independent of a virtual machine. To attach the disk, use
/// `vsphere_virtual_disk_attachment`, or a `disk` block with `attach = true` in `vsphere_virtual_machine`.
///
/// The disk can be extended in place. Destroying the resource deletes the disk and its data. `type` is the provisioning
/// type with which the disk was created: inflating the disk later does not cause a difference.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_virtual_disk", category = "Storage")]
pub struct VirtualDiskModel {
    /// The path of the disk on its datastore, as in `vmdk_path`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name or inventory path of the datacenter. Can be omitted if there is only one datacenter.
    #[tf(optional, force_new)]
    pub datacenter: Value<String>,
    /// The name or inventory path of the datastore.
    #[tf(required, force_new, check = lookup::name)]
    pub datastore: Value<String>,
    /// The path of the disk on the datastore, such as `disks/data.vmdk`.
    #[tf(required, force_new, check = vmdk, same = same_path)]
    pub vmdk_path: Value<String>,
    /// The size of the disk, in GiB. The size can be increased but not decreased.
    #[tf(required, range(1, 63_488))]
    pub size: Value<i64>,
    /// The provisioning type: `thin` (space is allocated as the guest writes), `lazy` (space is allocated when the disk
    /// is created, and zeroed on first write) or `eagerZeroedThick` (space is allocated and zeroed when the disk is
    /// created).
    #[tf(optional, force_new, default = EAGER, one_of("thin", "eagerZeroedThick", "lazy"))]
    pub r#type: Value<String>,
    /// The controller type that is recorded in the disk: `ide`, `busLogic` or `lsiLogic`.
    #[tf(
        optional,
        force_new,
        default = ADAPTER,
        one_of("ide", "busLogic", "lsiLogic"),
        deprecated = "Any controller can take the disk, whatever it was made for."
    )]
    pub adapter_type: Value<String>,
    /// Whether to create missing parent folders of the disk. The folders are not deleted with the disk.
    #[tf(optional, unstored)]
    pub create_directories: Value<bool>,
    /// The path of the disk with its datastore, such as `[ssd1] disks/data.vmdk`.
    #[tf(computed)]
    pub path: Value<String>,
    /// The managed object ID of the datastore.
    #[tf(computed)]
    pub datastore_id: Value<String>,
    /// Timeouts for operations. An omitted timeout defaults to the provider's `api_timeout`, which is 5 minutes by
    /// default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

type M = VirtualDiskModel;

const EAGER: &str = "eagerZeroedThick";
const ADAPTER: &str = "lsiLogic";
/// KiB in a GiB.
const GIB: i64 = 1 << 20;
/// Marks an imported disk: whether a disk that is not thin was zeroed cannot be read.
const THICKNESS_UNKNOWN: &str = "thickness_unknown";

/// A check for a path of a disk on its datastore.
pub(super) fn vmdk(v: &Dynamic) -> std::result::Result<(), String> {
    vmdk_beside("datastore", v)
}

/// The same beside another attribute with the datastore.
pub(super) fn vmdk_beside(datastore: &str, v: &Dynamic) -> std::result::Result<(), String> {
    let other = format!("names the datastore too, which is said by `{datastore}`");
    let text = v.as_str().unwrap_or_default();
    let wrong = if text.starts_with('[') {
        &other
    } else if text.contains("//") || text.split('/').any(|part| matches!(part, "." | "..")) {
        "is not a plain path"
    } else if text.trim_end_matches(".vmdk").ends_with("-flat") {
        "is the file that holds the data; the disk is the file beside it without -flat"
    } else if !text.ends_with(".vmdk") || text.trim_matches('/') == ".vmdk" {
        "does not end in .vmdk"
    } else {
        return Ok(());
    };
    Err(format!("{text:?} {wrong}. Expected a path on the datastore, such as \"disks/data.vmdk\"."))
}

/// A disk of so many GiB is not made smaller.
pub(super) fn shrinks(at: Field, is: i64) -> Diagnostics {
    let detail = format!(
        "It has {is} GiB. Set `size = {is}`, or make another disk: what is on this one would be lost."
    );
    Diagnostics::error(at, "A disk cannot be shrunk", detail)
}

/// The resource.
#[derive(Debug, Default)]
pub struct VirtualDisk;

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        match self.path.known() {
            Some(path) => format!("the disk {path}"),
            None => format!("the disk {:?} on {}", self.vmdk_path.as_str(), self.datastore.as_str()),
        }
    }

    async fn place(&self, vsphere: &Vsphere) -> Result<Place> {
        let names = Names {
            datacenter: (&self.datacenter, Self::DATACENTER),
            datastore: (&self.datastore, Self::DATASTORE),
            path: self.vmdk_path.as_str(),
        };
        names.find(vsphere).await
    }

    fn at<'a>(&'a self, place: &'a Place) -> At<'a> {
        At { datacenter: &self.datacenter, id: &self.id, path: &place.path }
    }

    fn provisioning(&self) -> Provisioning {
        match self.r#type.as_str() {
            "thin" => Provisioning::Thin,
            "lazy" => Provisioning::Lazy,
            _ => Provisioning::Eager,
        }
    }

    /// With the values of the server. The provisioning is reported only if the state does not have it: after an import.
    fn observed(self, place: &Place, file: &DiskFile) -> Self {
        let or = |v: Value<String>, seen: &str| if v.is_null() { seen.into() } else { v };
        let made = if file.thin == Some(true) { "thin" } else { EAGER };
        Self {
            id: self.vmdk_path.clone(),
            size: file.capacity_kib.map_or(self.size, |kib| (kib / GIB).into()),
            r#type: or(self.r#type, made),
            adapter_type: or(self.adapter_type, ADAPTER),
            path: place.path.to_string().into(),
            datastore_id: place.datastore.id.to_string().into(),
            ..self
        }
    }
}

impl Resource for VirtualDisk {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the path of the datacenter and the path of the disk with its datastore, such as /dc1/[ssd1] \
                                  disks/data.vmdk, or by {\"virtual_disk_path\": \"/dc1/[ssd1] disks/data.vmdk\"}";

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let Some(prior) = cx.prior else {
            let known =
                ![&planned.datacenter, &planned.datastore, &planned.vmdk_path].iter().any(|v| v.is_unknown());
            if let Some(vsphere) = cx.client.filter(|_| known) {
                planned.place(vsphere).await?;
            }
            return Ok(());
        };
        let at = AttributePath::from(M::TYPE);
        let thick = |v: &Value<String>| v.known().is_some_and(|t| t != "thin");
        if cx.private(THICKNESS_UNKNOWN).is_some() && thick(&prior.r#type) && thick(&planned.r#type) {
            cx.replace.retain(|p| *p != at);
        }
        let names = [AttributePath::from(M::DATACENTER), AttributePath::from(M::DATASTORE)];
        let known = !planned.datacenter.is_unknown() && !planned.datastore.is_unknown();
        if let Some(vsphere) = cx.client.filter(|_| known && cx.replace.iter().any(|p| names.contains(p)))
            && let Ok(wanted) = planned.place(vsphere).await
        {
            // Another name of the same datastore, such as its path, does not mean another disk.
            let same = prior.place(vsphere).await.is_ok_and(|is| is.datastore == wanted.datastore);
            if same || prior.datastore_id.as_str() == &*wanted.datastore.id {
                cx.replace.retain(|p| !names.contains(p));
            }
            if same {
                planned.copy_from(prior, &[M::DATASTORE]);
                if !prior.datacenter.is_null() {
                    planned.copy_from(prior, &[M::DATACENTER]);
                }
            }
        }
        if cx.is_replacement() {
            let detail = "Another disk replaces it. The data on this disk is lost.";
            cx.warn(AttributePath::root(), format!("{} will be deleted", capital(&prior.title())), detail);
            return Ok(());
        }
        match (prior.size.known(), planned.size.known()) {
            (Some(is), Some(wanted)) if wanted < is => Err(shrinks(M::SIZE, *is)),
            _ => Ok(()),
        }
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        let vsphere = cx.client();
        let (place, disks) = (plan.place(vsphere).await?, vsphere.api.virtual_disks());
        let timeout = cx.timeout(vsphere.timeout);
        place.make_folders(vsphere, &plan.create_directories, M::VMDK_PATH).await?;
        let size = plan.size.get().saturating_mul(GIB);
        let adapter = plan.adapter_type.as_str();
        let (datacenter, how) = (Some(&place.datacenter), plan.provisioning());
        let made = disks.create(datacenter, &place.path, size, how, adapter, timeout, cx.cancel()).await;
        plan.at(&place).explained(made, &format!("make {}", plan.title()), blame)?;
        Ok(M { id: plan.vmdk_path.clone(), ..plan })
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let place = state.place(vsphere).await?;
        let timeout = cx.timeout(vsphere.timeout);
        let found =
            vsphere.api.virtual_disks().find(&place.datastore, &place.path, timeout, cx.cancel()).await;
        let found = found.doing(format!("look for {}", state.title()))?;
        Ok(found.map(|file| state.observed(&place, &file)))
    }

    async fn update(&self, cx: &Cx<'_, Self>, prior: M, plan: M) -> Result<M> {
        let vsphere = cx.client();
        if prior.size != plan.size {
            let (place, timeout) = (plan.place(vsphere).await?, cx.timeout(vsphere.timeout));
            let (size, eager) = (plan.size.get().saturating_mul(GIB), plan.r#type.as_str() == EAGER);
            let disks = vsphere.api.virtual_disks();
            let datacenter = Some(&place.datacenter);
            let done = disks.extend(datacenter, &place.path, size, eager, timeout, cx.cancel()).await;
            plan.at(&place).explained(done, &format!("grow {}", plan.title()), |_| Some(M::SIZE))?;
        }
        Ok(plan)
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let (place, timeout) = (state.place(vsphere).await?, cx.timeout(vsphere.timeout));
        let disks = vsphere.api.virtual_disks();
        let done = disks.delete(Some(&place.datacenter), &place.path, timeout, cx.cancel()).await;
        state.at(&place).explained(done, &format!("delete {}", state.title()), no_attribute)
    }

    async fn import(&self, cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let (id, create_directories) = official_id(id).unwrap_or_else(|| (id.to_owned(), None));
        let id = id.as_str();
        let (datacenter, path) = imported(id).ok_or_else(|| {
            Diagnostics::error(AttributePath::root(), format!("{id:?} does not name a disk"), "")
        })?;
        cx.set_private(THICKNESS_UNKNOWN, true.into());
        Ok(M {
            id: path.path.clone().into(),
            datacenter: datacenter.into(),
            datastore: path.datastore.into(),
            vmdk_path: path.path.into(),
            create_directories: create_directories.into(),
            ..M::default()
        })
    }
}

/// The path, and whether folders are made, of an import id of the official provider, which is JSON. Pure.
fn official_id(id: &str) -> Option<(String, Option<bool>)> {
    let v: serde_json::Value = serde_json::from_str(id).ok()?;
    let path = v.get("virtual_disk_path")?.as_str()?.to_owned();
    let made = match v.get("create_directories") {
        Some(serde_json::Value::Bool(b)) => Some(*b),
        Some(serde_json::Value::String(s)) => {
            Some(["1", "t", "T", "true", "TRUE", "True"].contains(&s.as_str()))
        }
        _ => None,
    };
    Some((path, made))
}

/// A disk, for errors about it.
pub(super) struct At<'a> {
    pub(super) datacenter: &'a Value<String>,
    pub(super) id: &'a Value<String>,
    pub(super) path: &'a DatastorePath,
}

impl At<'_> {
    /// A result, with an error that says more than its fault does.
    ///
    /// # Errors
    /// Those of `done`.
    pub(super) fn explained<T>(
        &self,
        done: vsphere_client::Result<T>,
        doing: &str,
        blame: impl FnOnce(&FaultKind) -> Option<Field>,
    ) -> Result<T> {
        match done.as_ref().err().and_then(|e| self.refusal(e)) {
            Some(problem) => Err(problem),
            None => done.doing_to(doing, blame),
        }
    }

    /// What to do where there is a file already.
    pub(super) fn not_overwritten(&self) -> String {
        format!(
            "It is not overwritten. Choose another path, or import it: terraform import <address> '/{}/{}'.",
            self.datacenter.known().map_or("<datacenter>", |d| d.trim_start_matches('/')),
            self.path
        )
    }

    /// A refusal that says more than its fault does; nothing for any other.
    fn refusal(&self, e: &Error) -> Option<Diagnostics> {
        let path = self.path;
        let (at, summary, detail): (AttributePath, _, String) = match e.fault()?.name.as_str() {
            "FileAlreadyExists" => (
                M::VMDK_PATH.into(),
                format!("There is a file {path} already"),
                self.not_overwritten(),
            ),
            "FileNotFound" | "CannotCreateFile" if self.id.is_null() || self.id.is_unknown() => (
                M::VMDK_PATH.into(),
                format!("The disk {path} cannot be made"),
                "The folder that is to hold it is not there: set `create_directories = true`, or make it first.".to_owned(),
            ),
            "FileLocked" => (
                AttributePath::root(),
                format!("The disk {path} is in use"),
                "A virtual machine holds it. Take it off there, or turn that off; one that is attached to a virtual machine \
                 that is on grows through the virtual machine."
                    .to_owned(),
            ),
            _ => return None,
        };
        Some(Diagnostics::error(at, summary, detail))
    }
}

fn blame(fault: &FaultKind) -> Option<Field> {
    match fault {
        FaultKind::InvalidArgument { .. } | FaultKind::InvalidName { .. } => Some(M::VMDK_PATH),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::MoRef;

    #[test]
    fn other_texts_are_not_disk_paths() {
        for (path, wrong) in [
            ("disks/data.vmdk", None),
            ("/disks/data.vmdk", None),
            ("data.vmdk", None),
            ("[ssd1] data.vmdk", Some("`datastore`")),
            ("data", Some("does not end in .vmdk")),
            (".vmdk", Some("does not end in .vmdk")),
            ("a/../b.vmdk", Some("not a plain path")),
            ("a//b.vmdk", Some("not a plain path")),
            ("a/b-flat.vmdk", Some("without -flat")),
        ] {
            match (vmdk(&path.into()), wrong) {
                (Ok(()), None) => {}
                (Err(e), Some(part)) => assert!(e.contains(part), "{path}: {e}"),
                (got, _) => panic!("{path}: {got:?}"),
            }
        }
    }

    #[test]
    fn an_import_id_of_the_official_provider_is_taken() {
        let of = |id: &str| official_id(id);
        let path = "/dc1/[ssd1] a/b.vmdk";
        assert_eq!(of(&format!("{{\"virtual_disk_path\": \"{path}\"}}")), Some((path.into(), None)));
        let both = format!("{{\"virtual_disk_path\": \"{path}\", \"create_directories\": \"true\"}}");
        assert_eq!(of(&both), Some((path.into(), Some(true))));
        let no = both.replace("\"true\"", "false");
        assert_eq!(of(&no), Some((path.into(), Some(false))));
        assert_eq!(of(path), None);
    }

    #[test]
    fn what_it_was_made_with_stays() {
        let place = Place {
            datacenter: MoRef::new("Datacenter", "datacenter-2"),
            datastore: MoRef::new("Datastore", "datastore-5"),
            path: DatastorePath::new("ssd1", "a.vmdk"),
        };
        let file = DiskFile { capacity_kib: Some(3 * GIB), thin: Some(true) };
        let state = M { vmdk_path: "/a.vmdk".into(), r#type: "lazy".into(), size: 2.into(), ..M::default() };
        let seen = state.observed(&place, &file);
        assert_eq!((seen.r#type.as_str(), seen.size.get(), seen.id.as_str()), ("lazy", 3, "/a.vmdk"));
        assert_eq!(M::default().observed(&place, &file).r#type.as_str(), "thin");
        let unknown = DiskFile { capacity_kib: None, thin: None };
        let seen = M { size: 2.into(), ..M::default() }.observed(&place, &unknown);
        assert_eq!((seen.r#type.as_str(), seen.size.get()), (EAGER, 2));
    }
}
