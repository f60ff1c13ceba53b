data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_datastore_stats" "dc1" {
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# The datastore with the most free space.
locals {
  free    = { for name, bytes in data.vsphere_datastore_stats.dc1.free_space : name => tonumber(bytes) }
  largest = [for name, bytes in local.free : name if bytes == max(values(local.free)...)][0]
}

output "datastore" {
  value = local.largest
}
