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

# An appliance from an OVA (or OVF) file. Its disks, controllers and network interfaces come from the package; its properties
# are set in `vapp`. The configured CPUs and memory override those of the package.
resource "vsphere_virtual_machine" "appliance" {
  name             = "appliance-1"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  num_cpus         = 2
  memory           = 128

  wait_for_guest_net_timeout = 0

  ovf_deploy {
    # Alternatively, `remote_ovf_url`.
    local_ovf_path    = "${path.module}/appliance.ova"
    disk_provisioning = "thin"

    # Maps the names of networks in the package to networks.
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
