output "placements" {
  description = "The placement in each zone, by the name of the zone, for the module `machine`."
  value = {
    for name, d in data.vsphere_failure_domain.zone : name => {
      resource_pool_id   = d.resource_pool_id
      datastore_id       = d.datastore_id
      network_id         = d.network_ids[0]
      folder             = d.folder_path
      compute_cluster_id = d.compute_cluster_id
      vm_group_name      = try(var.zones[name].hosts.vm_group_name, null)
    }
  }
}
