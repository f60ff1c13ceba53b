//! Everything that the provider serves. A family of types lists its own in its `mod.rs`, a line each.
use crate::provider::VsphereProvider;
use crate::{access, cluster, content, functions, host, inventory, network, storage, supervisor, vm};
use std::sync::Arc;
use tf_framework::Server;
use tf_framework::server::ProviderServer;

/// Lists the types of a family: `resource role::Role,`, `data_source role::data_source::Role,` or `function mib::Mib,`.
macro_rules! types {
    (@ $server:ident lookup $($model:tt)+) => {
        $server.data_source($crate::common::lookup_source::Lookup::<$($model)+>::default())
    };
    (@ $server:ident $kind:ident $($ty:tt)+) => {
        $server.$kind($($ty)+::default())
    };
    ($($kind:ident $module:ident $(:: $rest:ident)+),* $(,)?) => {
        /// The server, with the types of this family.
        pub(crate) fn register(
            server: tf_framework::Server<$crate::provider::VsphereProvider>,
        ) -> tf_framework::Server<$crate::provider::VsphereProvider> {
            $(let server = types!(@ server $kind $module$(::$rest)+);)*
            server
        }
    };
}

/// The provider, as the wire serves it.
pub fn server() -> Arc<dyn ProviderServer> {
    let families = [
        access::register,
        cluster::register,
        content::register,
        functions::register,
        host::register,
        inventory::register,
        network::register,
        storage::register,
        supervisor::register,
        vm::register,
    ];
    Arc::new(families.iter().fold(Server::new(VsphereProvider), |server, register| register(server)))
}
