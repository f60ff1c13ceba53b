data "vsphere_datastore_stats" "all" {
  datacenter_id = "{{moid /DC0}}"
}
data "vsphere_datastore" "nested" {
  name          = "LocalDS_1"
  datacenter_id = "{{moid /DC0}}"
}
output "id" {
  value = data.vsphere_datastore_stats.all.id
  precondition {
    condition     = join(" ", keys(data.vsphere_datastore_stats.all.free_space)) == "LocalDS_0 LocalDS_1 LocalDS_2"
    error_message = join(" ", keys(data.vsphere_datastore_stats.all.free_space))
  }
  precondition {
    condition     = data.vsphere_datastore_stats.all.capacity["LocalDS_1"] == data.vsphere_datastore.nested.stats["capacity"]
    error_message = data.vsphere_datastore_stats.all.capacity["LocalDS_1"]
  }
  precondition {
    condition     = data.vsphere_datastore_stats.all.free_space["LocalDS_1"] == data.vsphere_datastore.nested.stats["free"]
    error_message = data.vsphere_datastore_stats.all.free_space["LocalDS_1"]
  }
}
output "moid" {
  value = trimsuffix(data.vsphere_datastore_stats.all.id, "_stats")
}
