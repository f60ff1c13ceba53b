//! Data sources that find one object by its name or path, and read properties of it.
use crate::common::lookup::{self, Query, noun};
use crate::fault::Doing;
use crate::vsphere::Vsphere;
use std::marker::PhantomData;
use tf_framework::{DataCx, DataSource, Model, Result, Value};
use vsphere_client::{Found, Kind, PropertySet};

/// What an object is looked up by. Flatten it into the model of a data source.
#[derive(Debug, Clone, PartialEq, Default, Model)]
pub struct Named {
    /// The name of the object, or its inventory path: absolute, or below the folder for its kind in the datacenter (`host`,
    /// `datastore`, `network`).
    #[tf(required, check = lookup::name)]
    pub name: Value<String>,
    /// The managed object id of the datacenter to look in. Left out, all datacenters are searched.
    #[tf(optional, form = lookup::datacenter_id)]
    pub datacenter_id: Value<String>,
}

/// The model of a data source that is a [`Lookup`].
pub trait LookupModel: Model {
    /// What is looked for.
    const KIND: Kind;
    /// What is read of it.
    type Properties: PropertySet;

    /// What it is looked up by.
    fn named(&self) -> &Named;

    /// The configuration, with what was found.
    #[must_use]
    fn found(self, found: &Found, read: Self::Properties) -> Self;
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

    async fn read(&self, cx: &DataCx<'_, Vsphere>, config: M) -> Result<M> {
        let found = one(cx.client, M::KIND, config.named()).await?;
        let read = cx.client.api.properties().get::<M::Properties>(&found.object).await;
        let read = read.doing(format!("read the {} {}", noun(M::KIND), found.path))?;
        Ok(config.found(&found, read))
    }
}

/// The one object of a kind that fits.
///
/// # Errors
/// None fits, or several do.
pub(crate) async fn one(vsphere: &Vsphere, kind: Kind, named: &Named) -> Result<Found> {
    let datacenter = lookup::datacenter(&named.datacenter_id);
    let (name, field) = (named.name.as_str(), Named::NAME);
    Query { kind, name, field, datacenter: datacenter.as_ref() }.one(vsphere).await
}
