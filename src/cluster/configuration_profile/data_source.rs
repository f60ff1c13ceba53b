//! `data.vsphere_configuration_profile`
use crate::common::moid::{Cluster, MoId};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use tf_framework::{DataCx, DataSource, Model, Result, Value};

/// Reads the vSphere Configuration Profile of a cluster, which is the desired configuration of all hosts in the
/// cluster.
///
/// Requires vSphere 8.0 U1 or later.
#[derive(Debug, Clone, PartialEq, Default, Model)]
#[tf(type_name = "vsphere_configuration_profile", category = "Host and Cluster Management")]
pub struct ConfigurationProfileData {
    /// The ID of the configuration profile: `config_profile_` followed by the managed object ID of the cluster.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The managed object ID of the cluster, such as `domain-c8`.
    #[tf(required, form = MoId::<Cluster>::form)]
    pub cluster_id: Value<String>,
    /// The configuration, as a JSON document.
    #[tf(computed)]
    pub configuration: Value<String>,
    /// The JSON schema of the configuration.
    #[tf(computed)]
    pub schema: Value<String>,
}

/// The data source.
#[derive(Debug, Default)]
pub struct ConfigurationProfile;

type M = ConfigurationProfileData;

impl DataSource for ConfigurationProfile {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let cluster = config.cluster_id.as_str();
        let title = format!("read the configuration profile of {}", MoId::<Cluster>::object(cluster));
        let (configuration, schema) = cx.client.api.lifecycle().profile(cluster).await.doing(title)?;
        Ok(M {
            id: format!("{}{cluster}", super::PREFIX).into(),
            configuration: configuration.into(),
            schema: schema.into(),
            ..config
        })
    }
}
