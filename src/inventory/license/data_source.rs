//! `data.vsphere_license`
use super::{find, not_found};
use crate::vsphere::Vsphere;
use std::collections::BTreeMap;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Finds a license by its license key.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_license", category = "Administration")]
pub struct LicenseData {
    /// The license key.
    #[tf(computed)]
    pub id: Value<String>,
    /// The license key.
    #[tf(required)]
    pub license_key: Value<String>,
    /// A map of label names to values.
    #[tf(computed)]
    pub labels: Value<BTreeMap<String, String>>,
    /// The edition of the license, such as `esx.enterprisePlus.cpuPackage`.
    #[tf(computed)]
    pub edition_key: Value<String>,
    /// The display name of the license.
    #[tf(computed)]
    pub name: Value<String>,
    /// The total number of units in the license, such as CPUs, cores or virtual machines.
    #[tf(computed)]
    pub total: Value<i64>,
    /// The number of units in use.
    #[tf(computed)]
    pub used: Value<i64>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct License;

type M = LicenseData;

impl DataSource for License {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let found = find(cx.client, config.license_key.as_str()).await?;
        let found = found.ok_or_else(|| not_found(M::LICENSE_KEY))?;
        Ok(M {
            id: config.license_key.clone(),
            labels: Value::Known(found.labels),
            edition_key: found.edition.into(),
            name: found.name.into(),
            total: i64::from(found.total).into(),
            used: i64::from(found.used).into(),
            ..config
        })
    }
}
