data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "zones" {
  for_each      = toset(["c1", "az1"])
  name          = each.key
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_network" "web" {
  name          = "web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_virtual_machine_placement" "web" {
  name                = "web-1"
  compute_cluster_ids = [for c in data.vsphere_compute_cluster.zones : c.id]
  num_cpus            = 2
  memory              = 4096
  guest_id            = "ubuntu64Guest"
  disk_sizes          = [20]
}

resource "vsphere_virtual_machine" "web" {
  name             = data.vsphere_virtual_machine_placement.web.name
  resource_pool_id = data.vsphere_virtual_machine_placement.web.resource_pool_id
  host_system_id   = data.vsphere_virtual_machine_placement.web.host_system_id
  datastore_id     = data.vsphere_virtual_machine_placement.web.datastore_id
  num_cpus         = 2
  memory           = 4096
  guest_id         = "ubuntu64Guest"

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "disk0"
    size  = 20
  }

  lifecycle {
    ignore_changes = [resource_pool_id, host_system_id, datastore_id]
  }
}
