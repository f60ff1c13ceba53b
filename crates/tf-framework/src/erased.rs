//! Typed resources behind one object-safe face, so that the server can hold them in a map.
//!
//! What is here is compiled once for each type: it reads what a call asks for, calls, and writes what comes out. All else
//! is in `pipeline`.
use crate::private::PrivateData;
use crate::resource::{Call, Cx, DataCx, DataSource, DestroyCx, Ephemeral, Plan, PlanCx, Resource, typed};
use crate::server::{Opened, Private};
use crate::{AttributePath, Diagnostics, Dynamic, Model, Object, Result};
use futures_util::future::BoxFuture;
use serde_json::Value as Json;

/// What a plan hook works on.
pub(crate) struct Draft<'a, C> {
    pub(crate) client: Option<&'a C>,
    pub(crate) prior: &'a Dynamic,
    pub(crate) config: &'a Dynamic,
    pub(crate) planned: &'a Dynamic,
    pub(crate) changed: bool,
    pub(crate) private: &'a PrivateData,
}

/// What a plan hook may change.
pub(crate) struct Changes {
    pub(crate) edits: Object,
    pub(crate) replace: Vec<AttributePath>,
    pub(crate) keeps_undeclared: bool,
    pub(crate) warnings: Diagnostics,
}

/// A resource, in untyped values.
pub(crate) trait DynResource<C>: Send + Sync {
    fn validate(&self, config: &Dynamic) -> Result<Diagnostics>;
    fn plan<'a>(&'a self, draft: Draft<'a, C>, changes: &'a mut Changes) -> BoxFuture<'a, Result<()>>;
    fn plan_destroy<'a>(
        &'a self,
        cx: &'a DestroyCx<'a, C>,
        state: &'a Dynamic,
    ) -> BoxFuture<'a, Result<Diagnostics>>;
    fn create<'a>(&'a self, call: &'a Call<'a, C>, plan: &'a Dynamic) -> BoxFuture<'a, Result<Dynamic>>;
    /// Null if the object does not exist.
    fn read<'a>(&'a self, call: &'a Call<'a, C>, state: &'a Dynamic) -> BoxFuture<'a, Result<Dynamic>>;
    fn update<'a>(
        &'a self,
        call: &'a Call<'a, C>,
        prior: &'a Dynamic,
        plan: &'a Dynamic,
    ) -> BoxFuture<'a, Result<Dynamic>>;
    fn delete<'a>(&'a self, call: &'a Call<'a, C>, state: &'a Dynamic) -> BoxFuture<'a, Result<()>>;
    fn import<'a>(&'a self, call: &'a Call<'a, C>, id: &'a str) -> BoxFuture<'a, Result<Dynamic>>;
    /// What an import id may be.
    fn import_forms(&self) -> &'static str;
    fn upgrade(&self, version: i64, state: Json) -> Result<Json>;
    fn move_from(&self, source_type: &str, state: &Json) -> Option<Json>;
}

pub(crate) struct Erased<T>(pub(crate) T);

impl<R: Resource> DynResource<R::Client> for Erased<R> {
    fn validate(&self, config: &Dynamic) -> Result<Diagnostics> {
        Ok(self.0.validate(&typed(config)?))
    }

    fn plan<'a>(
        &'a self,
        draft: Draft<'a, R::Client>,
        changes: &'a mut Changes,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let prior = (!draft.prior.is_null()).then(|| typed(draft.prior)).transpose()?;
            let config = typed(draft.config)?;
            let mut planned = Plan::new(typed(draft.planned)?, &mut changes.edits);
            let mut cx = PlanCx {
                client: draft.client,
                prior: prior.as_ref(),
                config: &config,
                changed: draft.changed,
                replace: &mut changes.replace,
                keeps_undeclared: &mut changes.keeps_undeclared,
                warnings: &mut changes.warnings,
                private: draft.private,
            };
            self.0.plan(&mut cx, &mut planned).await
        })
    }

    fn plan_destroy<'a>(
        &'a self,
        cx: &'a DestroyCx<'a, R::Client>,
        state: &'a Dynamic,
    ) -> BoxFuture<'a, Result<Diagnostics>> {
        Box::pin(async move { self.0.plan_destroy(cx, &typed(state)?).await })
    }

    fn create<'a>(
        &'a self,
        call: &'a Call<'a, R::Client>,
        plan: &'a Dynamic,
    ) -> BoxFuture<'a, Result<Dynamic>> {
        Box::pin(async move { Ok(self.0.create(&Cx::new(call)?, typed(plan)?).await?.write()) })
    }

    fn read<'a>(
        &'a self,
        call: &'a Call<'a, R::Client>,
        state: &'a Dynamic,
    ) -> BoxFuture<'a, Result<Dynamic>> {
        Box::pin(async move {
            let found = self.0.read(&Cx::new(call)?, typed(state)?).await?;
            Ok(found.map_or(Dynamic::Null, |m| m.write()))
        })
    }

    fn update<'a>(
        &'a self,
        call: &'a Call<'a, R::Client>,
        prior: &'a Dynamic,
        plan: &'a Dynamic,
    ) -> BoxFuture<'a, Result<Dynamic>> {
        Box::pin(
            async move { Ok(self.0.update(&Cx::new(call)?, typed(prior)?, typed(plan)?).await?.write()) },
        )
    }

    fn delete<'a>(&'a self, call: &'a Call<'a, R::Client>, state: &'a Dynamic) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.0.delete(&Cx::new(call)?, typed(state)?).await })
    }

    fn import<'a>(&'a self, call: &'a Call<'a, R::Client>, id: &'a str) -> BoxFuture<'a, Result<Dynamic>> {
        Box::pin(async move { Ok(self.0.import(&Cx::new(call)?, id).await?.write()) })
    }

    fn import_forms(&self) -> &'static str {
        R::IMPORT
    }

    fn upgrade(&self, version: i64, state: Json) -> Result<Json> {
        self.0.upgrade(version, state)
    }

    fn move_from(&self, source_type: &str, state: &Json) -> Option<Json> {
        self.0.move_from(source_type, state)
    }
}

/// A data source, in untyped values.
pub(crate) trait DynDataSource<C>: Send + Sync {
    fn validate(&self, config: &Dynamic) -> Result<Diagnostics>;
    fn read<'a>(&'a self, cx: &'a DataCx<'a, C>, config: &'a Dynamic) -> BoxFuture<'a, Result<Dynamic>>;
}

impl<D: DataSource> DynDataSource<D::Client> for Erased<D> {
    fn validate(&self, config: &Dynamic) -> Result<Diagnostics> {
        Ok(self.0.validate(&typed(config)?))
    }

    fn read<'a>(
        &'a self,
        cx: &'a DataCx<'a, D::Client>,
        config: &'a Dynamic,
    ) -> BoxFuture<'a, Result<Dynamic>> {
        Box::pin(async move { Ok(self.0.read(cx, typed(config)?).await?.write()) })
    }
}

/// An ephemeral resource, in untyped values.
pub(crate) trait DynEphemeral<C>: Send + Sync {
    fn open<'a>(&'a self, client: &'a C, config: &'a Dynamic) -> BoxFuture<'a, Result<Opened>>;
    fn renew<'a>(&'a self, client: &'a C, private: Private) -> BoxFuture<'a, Result<Opened>>;
    fn close<'a>(&'a self, client: &'a C, private: Private) -> BoxFuture<'a, Result<()>>;
}

impl<E: Ephemeral> DynEphemeral<E::Client> for Erased<E> {
    fn open<'a>(&'a self, client: &'a E::Client, config: &'a Dynamic) -> BoxFuture<'a, Result<Opened>> {
        Box::pin(async move {
            let lease = self.0.open(client, typed(config)?).await?;
            Ok(Opened {
                result: lease.model.write(),
                private: lease.private.to_string().into_bytes(),
                renew_at: lease.renew_at,
                diagnostics: Diagnostics::default(),
            })
        })
    }

    fn renew<'a>(&'a self, client: &'a E::Client, private: Private) -> BoxFuture<'a, Result<Opened>> {
        Box::pin(async move {
            let json = serde_json::from_slice(&private).unwrap_or_default();
            let renew_at = self.0.renew(client, json).await?;
            Ok(Opened { private, renew_at, ..Opened::default() })
        })
    }

    fn close<'a>(&'a self, client: &'a E::Client, private: Private) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let json = serde_json::from_slice(&private).unwrap_or_default();
            self.0.close(client, json).await
        })
    }
}
