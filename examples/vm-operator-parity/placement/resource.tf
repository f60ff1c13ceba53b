# The zone `eu-central-1a`: a cluster that has a tag, with its resource pool, folder, datastore and network.
data "vsphere_failure_domain" "a" {
  region {
    name         = "eu-central"
    tag_category = "k8s-region"
    type         = "Datacenter"
  }

  zone {
    name         = "eu-central-1a"
    tag_category = "k8s-zone"
    type         = "ComputeCluster"
  }

  topology {
    datacenter      = "dc1"
    compute_cluster = "c1"
    datastore       = "ssd1"
    networks        = ["k8s-nodes"]
  }

  placement_constraint {
    resource_pool = "c1/Resources/web"
    folder        = "web"
  }
}

# The host and the datastore that DRS recommends in the zone. With the clusters of several zones, it selects the zone.
data "vsphere_virtual_machine_placement" "my_vm" {
  name                = "my-vm"
  compute_cluster_ids = [data.vsphere_failure_domain.a.compute_cluster_id]
  num_cpus            = 2
  memory              = 4096
  guest_id            = "ubuntu64Guest"
  disk_sizes          = [20]
}

resource "vsphere_virtual_machine" "my_vm" {
  name             = "my-vm"
  folder           = data.vsphere_failure_domain.a.folder_path
  resource_pool_id = data.vsphere_failure_domain.a.resource_pool_id
  host_system_id   = data.vsphere_virtual_machine_placement.my_vm.host_system_id
  datastore_id     = data.vsphere_virtual_machine_placement.my_vm.datastore_id
  num_cpus         = 2
  memory           = 4096
  guest_id         = "ubuntu64Guest"

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_failure_domain.a.network_ids[0]
  }

  disk {
    label = "system"
    size  = 20
  }

  # A later recommendation does not move the virtual machine, and DRS can.
  lifecycle {
    ignore_changes = [host_system_id, datastore_id]
  }
}
