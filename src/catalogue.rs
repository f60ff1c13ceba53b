//! Everything that the provider serves, in one list.
use crate::provider::VsphereProvider;
use crate::{data_sources, functions, resources};
use std::sync::Arc;
use tf_framework::Server;
use tf_framework::server::ProviderServer;

/// The provider, as the wire serves it.
pub fn server() -> Arc<dyn ProviderServer> {
    let server = Server::new(VsphereProvider)
        .resource(resources::ComputeClusterHostGroup::default())
        .resource(resources::ComputeClusterVmAffinityRule::default())
        .resource(resources::ComputeClusterVmAntiAffinityRule::default())
        .resource(resources::ComputeClusterVmDependencyRule::default())
        .resource(resources::ComputeClusterVmGroup::default())
        .resource(resources::ComputeClusterVmGroupMember)
        .resource(resources::ComputeClusterVmHostRule::default())
        .resource(resources::CustomAttribute)
        .resource(resources::Datacenter)
        .resource(resources::DrsVmOverride::default())
        .resource(resources::EntityPermission)
        .resource(resources::EntityPermissions)
        .resource(resources::Folder)
        .resource(resources::HaVmOverride::default())
        .resource(resources::ResourcePool)
        .resource(resources::Role)
        .resource(resources::Tag)
        .resource(resources::TagAttachment)
        .resource(resources::TagCategory)
        .data_source(data_sources::About)
        .data_source(data_sources::ComputeCluster)
        .data_source(data_sources::ComputeClusterHostGroup)
        .data_source(data_sources::CustomAttribute)
        .data_source(data_sources::Datacenter)
        .data_source(data_sources::Datastore)
        .data_source(data_sources::DatastoreCluster)
        .data_source(data_sources::DistributedVirtualSwitch)
        .data_source(data_sources::Dynamic)
        .data_source(data_sources::EntityPermissions)
        .data_source(data_sources::Folder)
        .data_source(data_sources::Host)
        .data_source(data_sources::Network)
        .data_source(data_sources::Privileges)
        .data_source(data_sources::ResourcePool)
        .data_source(data_sources::Role)
        .data_source(data_sources::Tag)
        .data_source(data_sources::TagCategory)
        .data_source(data_sources::UserPrivileges)
        .data_source(data_sources::VirtualMachine)
        .function(functions::ExpandPrivileges)
        .function(functions::MergePrivileges)
        .function(functions::ParsePath)
        .function(functions::RolePreset)
        .function(functions::RolePresets);
    Arc::new(server)
}
