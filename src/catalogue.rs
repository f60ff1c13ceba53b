//! Everything that the provider serves, in one list.
use crate::provider::VsphereProvider;
use crate::{functions, resources};
use std::sync::Arc;
use tf_framework::Server;
use tf_framework::server::ProviderServer;

/// The provider, as the wire serves it.
pub fn server() -> Arc<dyn ProviderServer> {
    let server = Server::new(VsphereProvider)
        .resource(resources::EntityPermission)
        .resource(resources::EntityPermissions)
        .resource(resources::Role)
        .function(functions::ExpandPrivileges)
        .function(functions::MergePrivileges)
        .function(functions::ParsePath)
        .function(functions::RolePreset)
        .function(functions::RolePresets);
    Arc::new(server)
}
