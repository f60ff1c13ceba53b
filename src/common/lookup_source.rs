//! Data sources that find one object by its name or path, and read properties of it.
use crate::common::lookup::{self, Query, noun};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::marker::PhantomData;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::{Found, Kind, PropertySet};

/// The `id` of an object, and what it is looked up by. Flatten it into the model of a data source.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Named {
    /// The ID of the object: its managed object ID or, if it is a distributed switch, its UUID.
    #[tf(optional, computed)]
    pub id: Value<String>,
    /// The name or inventory path of the object. A path is either absolute or relative to the folder for this type of
    /// object in the datacenter (`host`, `datastore` or `network`).
    #[tf(required, check = lookup::name)]
    pub name: Value<String>,
    /// The managed object ID of the datacenter to search. If omitted, all datacenters are searched.
    #[tf(optional, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
    #[tf(flatten)]
    #[allow(missing_docs, reason = "its attributes are documented where they are defined")]
    pub tagged: lookup::Tagged,
}

/// The model of a data source that is a [`Lookup`].
pub trait LookupModel: Model + AsRef<Named> + AsMut<Named> {
    /// What is looked for.
    const KIND: Kind;
    /// What is read of it.
    type Properties: PropertySet;

    /// Puts the properties of the object into the model. The `id` is that of the object already.
    fn found(&mut self, read: Self::Properties);
}

/// A data source that finds one object, and nothing more.
#[derive(Debug)]
pub struct Lookup<M>(PhantomData<fn() -> M>);

impl<M> Default for Lookup<M> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<M: LookupModel> DataSource for Lookup<M> {
    type Model = M;
    type Client = Vsphere;

    async fn read(&self, cx: &DataCx<'_, Vsphere>, mut config: M) -> Result<M> {
        let found = one(cx.client, M::KIND, config.as_ref()).await?;
        let read = cx.client.api.properties().get::<M::Properties>(&found.object).await;
        let read = read.doing(format!("read the {} {}", noun(M::KIND), found.path))?;
        config.as_mut().id = found.object.id.to_string().into();
        config.found(read);
        Ok(config)
    }
}

/// The one object of a kind that fits.
///
/// # Errors
/// None fits, or several do.
pub(crate) async fn one(vsphere: &Vsphere, kind: Kind, named: &Named) -> Result<Found> {
    let datacenter = lookup::datacenter(&named.datacenter_id);
    let (name, field) = (named.name.as_str(), Named::NAME);
    Query { kind, name, field, datacenter: datacenter.as_ref(), tags: Some(&named.tagged) }.one(vsphere).await
}
