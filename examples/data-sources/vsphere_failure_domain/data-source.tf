data "vsphere_failure_domain" "az1" {
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

resource "vsphere_virtual_machine" "control_plane" {
  name             = "control-plane-1"
  resource_pool_id = data.vsphere_failure_domain.az1.resource_pool_id
  datastore_id     = data.vsphere_failure_domain.az1.datastore_id
  folder           = data.vsphere_failure_domain.az1.folder_path
  num_cpus         = 2
  memory           = 4096
  guest_id         = "ubuntu64Guest"

  wait_for_guest_net_timeout = 0

  network_interface {
    network_id = data.vsphere_failure_domain.az1.network_ids[0]
  }

  disk {
    label = "disk0"
    size  = 20
  }
}
