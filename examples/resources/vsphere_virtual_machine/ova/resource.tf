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

# An appliance that is deployed from an OVA file. The package defines the disks, controllers and network interfaces.
# `num_cpus` and `memory` override the values of the package, and `vapp` sets its properties.
resource "vsphere_virtual_machine" "appliance" {
  name             = "appliance-1"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 128

  wait_for_guest_net_timeout = 0

  ovf_deploy {
    # To deploy from a URL, set `remote_ovf_url` instead.
    local_ovf_path    = "${path.module}/appliance.ova"
    disk_provisioning = "thin"

    # Connects the network `nat` of the package to a network in vSphere.
    ovf_network_map = {
      nat = data.vsphere_network.web.id
    }
  }

  vapp {
    properties = {
      hostname = "appliance-1"
    }
  }
}
