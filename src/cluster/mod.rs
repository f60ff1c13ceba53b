//! Clusters of hosts: their settings, groups, rules and overrides.
pub mod common;
pub mod compute_cluster;
pub mod compute_cluster_host_group;
pub mod compute_cluster_vm_affinity_rule;
pub mod compute_cluster_vm_anti_affinity_rule;
pub mod compute_cluster_vm_dependency_rule;
pub mod compute_cluster_vm_group;
pub mod compute_cluster_vm_group_member;
pub mod compute_cluster_vm_host_rule;
pub mod compute_policy;
pub mod configuration_profile;
pub mod dpm_host_override;
pub mod drs_vm_override;
pub mod failure_domain;
pub mod ha_vm_override;

types! {
    resource compute_cluster::ComputeCluster,
    resource compute_cluster_host_group::ComputeClusterHostGroup,
    resource compute_cluster_vm_affinity_rule::ComputeClusterVmAffinityRule,
    resource compute_cluster_vm_anti_affinity_rule::ComputeClusterVmAntiAffinityRule,
    resource compute_cluster_vm_dependency_rule::ComputeClusterVmDependencyRule,
    resource compute_cluster_vm_group::ComputeClusterVmGroup,
    resource compute_cluster_vm_group_member::ComputeClusterVmGroupMember,
    resource compute_cluster_vm_host_rule::ComputeClusterVmHostRule,
    resource compute_policy::ComputePolicy,
    resource configuration_profile::ConfigurationProfile,
    resource dpm_host_override::DpmHostOverride,
    resource drs_vm_override::DrsVmOverride,
    resource ha_vm_override::HaVmOverride,
    data_source compute_cluster_host_group::data_source::ComputeClusterHostGroup,
    lookup compute_cluster::data_source::ComputeCluster,
    data_source compute_policy::data_source::ComputePolicy,
    data_source configuration_profile::data_source::ConfigurationProfile,
    data_source failure_domain::FailureDomain,
}
