data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_compute_cluster" "c1" {
  name          = "c1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_datastore" "ssd1" {
  name          = "ssd1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_network" "web" {
  name          = "web"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A template for Kubernetes worker nodes. Changing the OVF package replaces the template.
resource "vsphere_virtual_machine_template" "worker" {
  name             = "worker-24.04"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 4096
  enable_disk_uuid = true
  snapshot_name    = "base"

  ovf_deploy {
    local_ovf_path    = "${path.module}/appliance.ova"
    disk_provisioning = "thin"
    ovf_network_map = {
      nat = data.vsphere_network.web.id
    }
  }

  disk {
    size = 20
  }
}

# A template from a cloud image. It can also be placed in a datastore cluster, with datastore_cluster_id.
resource "vsphere_virtual_machine_template" "cloud" {
  name             = "ubuntu-cloud"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 4096
  enable_disk_uuid = true

  disk_image {
    source   = "${path.module}/ubuntu.qcow2"
    guest_id = "ubuntu64Guest"
    firmware = "efi"
  }

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    size = 20
  }
}
