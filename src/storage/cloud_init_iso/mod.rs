//! `vsphere_cloud_init_iso`
mod iso;

use super::place::{Names, Place, imported, same_path};
use crate::common::lookup;
use crate::fault::{Doing, in_words};
use crate::vsphere::Vsphere;
use std::time::Duration;
use tf_framework::{
    AttributePath, Cx, Diagnostics, Dynamic, Field, Model, Plan, PlanCx, Resource, Result, Secret, Timeouts,
    Value,
};
use vsphere_client::Error;
use vsphere_client::virtual_machine::Wait;

/// How long an upload may take, unless `timeouts` say otherwise.
const LONG: Duration = Duration::from_secs(600);
/// The label by which cloud-init finds the image.
const VOLUME: &str = "cidata";
/// The private value with the size of the image that was uploaded.
const UPLOADED: &str = "uploaded";

/// Creates an ISO image with cloud-init data for the NoCloud data source (volume label `cidata`), and uploads it to a
/// datastore. Attach it to a virtual machine with a `cdrom` block.
///
/// A change of the data uploads the image again, and overwrites it. cloud-init applies changed data only if the instance ID in
/// `meta_data` changes, too. A virtual machine that is powered on can hold the image: in this case, vCenter rejects the upload.
/// The image is stored on the datastore without encryption: everyone who can browse the datastore can read it.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_cloud_init_iso", category = "Storage")]
pub struct CloudInitIsoModel {
    /// The path of the image with its datastore, as in `datastore_path`.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name or inventory path of the datacenter. Can be omitted if there is only one datacenter.
    #[tf(optional, force_new)]
    pub datacenter: Value<String>,
    /// The name or inventory path of the datastore.
    #[tf(required, force_new, check = lookup::name)]
    pub datastore: Value<String>,
    /// The path of the image on the datastore, such as `cloud-init/web.iso`. An existing file at this path is overwritten.
    #[tf(required, force_new, check = iso_path, same = same_path)]
    pub path: Value<String>,
    /// The user data, such as a text that begins with `#cloud-config`. The user data is stored in the state; to avoid this, use
    /// `user_data_wo`. Exactly one of `user_data` and `user_data_wo` must be set.
    #[tf(optional, sensitive, exactly_one_of("user_data", "user_data_wo"))]
    pub user_data: Value<Secret>,
    /// A write-only alternative to `user_data`, which is stored in neither the plan nor the state. Requires Terraform 1.11 or
    /// later.
    #[tf(optional, write_only, sensitive)]
    pub user_data_wo: Value<Secret>,
    /// The version of `user_data_wo`, any string. Change this whenever `user_data_wo` changes: the next apply then uploads the
    /// image again.
    #[tf(optional)]
    pub user_data_wo_version: Value<String>,
    /// The metadata: YAML or JSON with `instance-id` and `local-hostname`. If omitted, the metadata is empty.
    #[tf(optional)]
    pub meta_data: Value<String>,
    /// The vendor data. If omitted, the image does not contain vendor data.
    #[tf(optional, sensitive)]
    pub vendor_data: Value<Secret>,
    /// The network configuration, in version 1 or 2 of cloud-init. If omitted, the image does not contain a network
    /// configuration.
    #[tf(optional)]
    pub network_config: Value<String>,
    /// Whether to create missing parent folders of the image. The folders are not deleted with the image.
    #[tf(optional, unstored)]
    pub create_directories: Value<bool>,
    /// The size of the image on the datastore, in bytes.
    #[tf(computed)]
    pub size: Value<i64>,
    /// The managed object ID of the datastore, for `datastore_id` of a `cdrom` block.
    #[tf(computed)]
    pub datastore_id: Value<String>,
    /// The path of the image with its datastore, such as `[ssd1] cloud-init/web.iso`.
    #[tf(computed)]
    pub datastore_path: Value<String>,
    /// Timeouts for operations. Create and update operations default to 10 minutes, or to the provider's `api_timeout` if that
    /// is longer. Other operations default to `api_timeout`, which is 5 minutes by default.
    #[tf(block, single)]
    pub timeouts: Value<Timeouts>,
}

/// The resource.
#[derive(Debug, Default)]
pub struct CloudInitIso;

type M = CloudInitIsoModel;

/// A check for the path of an image on its datastore.
fn iso_path(v: &Dynamic) -> std::result::Result<(), String> {
    let text = v.as_str().unwrap_or_default();
    let wrong = if text.starts_with('[') {
        "contains the datastore, which is set by `datastore`"
    } else if text.contains("//") || text.split('/').any(|part| matches!(part, "." | "..")) {
        "is not a plain path"
    } else if !text.to_ascii_lowercase().ends_with(".iso") || text.trim_matches('/').len() <= 4 {
        "does not end in .iso"
    } else {
        return Ok(());
    };
    Err(format!("{text:?} {wrong}. Expected a path on the datastore, such as \"cloud-init/web.iso\"."))
}

/// The user data: the write-only one is in the configuration only.
fn user_data<'a>(plan: &'a M, config: Option<&'a M>) -> &'a str {
    let write_only = config.and_then(|c| c.user_data_wo.known());
    write_only.or(plan.user_data.known()).map_or("", |data| data.expose())
}

impl M {
    /// A sentence part.
    fn title(&self) -> String {
        format!("the cloud-init image {:?} on {}", self.path.as_str(), self.datastore.as_str())
    }

    async fn place(&self, vsphere: &Vsphere) -> Result<Place> {
        let names = Names {
            datacenter: (&self.datacenter, Self::DATACENTER),
            datastore: (&self.datastore, Self::DATASTORE),
            path: self.path.as_str(),
        };
        names.find(vsphere).await
    }

    /// What the image is made of, as far as it is in the state. Pure.
    fn data(&self) -> ([&Value<Secret>; 2], [&Value<String>; 3]) {
        (
            [&self.user_data, &self.vendor_data],
            [&self.user_data_wo_version, &self.meta_data, &self.network_config],
        )
    }

    /// The image. Pure.
    fn image(&self, user_data: &str) -> Vec<u8> {
        let mut files = vec![("user-data", user_data), ("meta-data", self.meta_data.as_str())];
        if let Some(data) = self.vendor_data.known() {
            files.push(("vendor-data", data.expose()));
        }
        if let Some(config) = self.network_config.known() {
            files.push(("network-config", config.as_str()));
        }
        let files: Vec<_> = files.into_iter().map(|(name, text)| (name, text.as_bytes())).collect();
        iso::image(VOLUME, &files)
    }

    async fn upload(self, cx: &Cx<'_, CloudInitIso>) -> Result<M> {
        let vsphere = cx.client();
        let (to, files) = (self.place(vsphere).await?, vsphere.api.files());
        to.make_folders(vsphere, &self.create_directories, Self::PATH).await?;
        let image = self.image(user_data(&self, cx.config()));
        let size = i64::try_from(image.len()).unwrap_or(i64::MAX);
        let wait = Wait::new(cx.timeout(vsphere.timeout.max(LONG)), cx.cancel());
        if let Err(e) = files.upload_bytes(image.into(), to.file(), &wait).await {
            if !matches!(e, Error::Upload { .. }) {
                return Err(e).doing(format!("upload {}", self.title()));
            }
            let detail = in_words(&e) + &to.if_no_folder(&self.create_directories);
            return Err(Diagnostics::error(Self::PATH, format!("Unable to upload {}", self.title()), detail));
        }
        cx.set_private(UPLOADED, size.into());
        Ok(self.observed(&to, Some(size)))
    }

    fn observed(self, place: &Place, size: Option<i64>) -> M {
        let path = place.path.to_string();
        M {
            id: path.clone().into(),
            datastore_path: path.into(),
            datastore_id: place.datastore.id.to_string().into(),
            size: size.map_or(self.size, Value::from),
            ..self
        }
    }
}

/// What cloud-init reads of user data, by its first line. Pure.
fn is_user_data(text: &str) -> bool {
    let mime = ["content-type:", "mime-version:", "from:", "--"];
    let first = text.lines().next().unwrap_or_default().to_ascii_lowercase();
    text.is_empty() || first.starts_with('#') || mime.iter().any(|m| first.starts_with(m))
}

impl Resource for CloudInitIso {
    type Model = M;
    type Client = Vsphere;
    const IMPORT: &'static str = "the path of the datacenter and the path of the image with its datastore, such as /dc1/[ssd1] \
                                  cloud-init/web.iso";

    fn validate(&self, config: &M) -> Diagnostics {
        let mut out = Diagnostics::default();
        let both: [(&Value<Secret>, Field); 2] =
            [(&config.user_data, M::USER_DATA), (&config.user_data_wo, M::USER_DATA_WO)];
        for (data, field) in both {
            if data.known().is_some_and(|d| !is_user_data(d.expose())) {
                let detail = format!(
                    "cloud-init recognizes `{}` by its first line, such as `#cloud-config` or `#!/bin/sh`, and ignores other data.",
                    field.0
                );
                out.merge(Diagnostics::warning(field, "User data may be ignored", detail));
            }
        }
        out
    }

    async fn plan(&self, cx: &mut PlanCx<'_, Self>, planned: &mut Plan<'_, M>) -> Result<()> {
        let known = ![&planned.datacenter, &planned.datastore].iter().any(|v| v.is_unknown());
        let Some(prior) = cx.prior else {
            if let Some(vsphere) = cx.client.filter(|_| known) {
                let place = planned.place(vsphere).await?;
                if !planned.path.is_unknown() {
                    // Others that refer to them are planned with them.
                    let path = place.path.to_string();
                    planned.set(M::ID, path.clone().into());
                    planned.set(M::DATASTORE_PATH, path.into());
                }
                planned.set(M::DATASTORE_ID, place.datastore.id.to_string().into());
            }
            return Ok(());
        };
        if cx.is_replacement() {
            return Ok(());
        }
        let uploaded = cx.private(UPLOADED).and_then(|size| size.as_i64());
        // Only the configuration has the data after an import.
        let is_other = uploaded.is_none_or(|size| prior.size.known() != Some(&size));
        if is_other || prior.data() != planned.data() {
            planned.unknown(M::SIZE);
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx<'_, Self>, plan: M) -> Result<M> {
        plan.upload(cx).await
    }

    async fn read(&self, cx: &Cx<'_, Self>, state: M) -> Result<Option<M>> {
        let vsphere = cx.client();
        let place = state.place(vsphere).await?;
        let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
        let found = vsphere.api.files().find(&place.datastore, &place.path, &wait).await;
        let found = found.doing(format!("look for {}", state.title()))?;
        Ok(found.map(|file| {
            let size = file.size.and_then(|size| i64::try_from(size).ok());
            state.observed(&place, size)
        }))
    }

    async fn update(&self, cx: &Cx<'_, Self>, _prior: M, plan: M) -> Result<M> {
        // Other arguments do not change the image.
        if plan.size.known().is_some() { Ok(plan) } else { plan.upload(cx).await }
    }

    async fn delete(&self, cx: &Cx<'_, Self>, state: M) -> Result<()> {
        let vsphere = cx.client();
        let place = state.place(vsphere).await?;
        let wait = Wait::new(cx.timeout(vsphere.timeout), cx.cancel());
        let done = vsphere.api.files().delete(place.file(), &wait).await;
        done.doing(format!("delete {}", state.title()))
    }

    async fn import(&self, _cx: &Cx<'_, Self>, id: &str) -> Result<M> {
        let Some((datacenter, path)) = imported(id) else {
            let summary = format!("{id:?} does not name an image");
            return Err(Diagnostics::error(AttributePath::root(), summary, ""));
        };
        Ok(M {
            id: path.to_string().into(),
            datacenter: datacenter.into(),
            datastore: path.datastore.into(),
            path: path.path.into(),
            ..M::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_images_are_checked() {
        for (path, ok) in [
            ("cloud-init/web.iso", true),
            ("/web.ISO", true),
            ("web.img", false),
            (".iso", false),
            ("[ssd1] web.iso", false),
            ("a/../web.iso", false),
        ] {
            assert_eq!(iso_path(&path.into()).is_ok(), ok, "{path}");
        }
    }

    #[test]
    fn user_data_is_recognized_by_its_first_line() {
        for (text, ok) in [
            ("#cloud-config\npackages: []\n", true),
            ("#!/bin/sh\n", true),
            ("## template: jinja\n", true),
            ("Content-Type: multipart/mixed; boundary=x\n", true),
            ("", true),
            ("packages: []\n", false),
        ] {
            assert_eq!(is_user_data(text), ok, "{text}");
        }
    }

    #[test]
    fn an_image_has_only_the_files_that_are_set() {
        let image = M { meta_data: "instance-id: a".into(), ..M::default() }.image("#cloud-config");
        let has = |text: &str| image.windows(text.len()).any(|w| w == text.as_bytes());
        assert!(has("user-data") && has("meta-data") && has("instance-id: a") && has("#cloud-config"));
        assert!(!has("vendor-data") && !has("network-config"));
    }
}
