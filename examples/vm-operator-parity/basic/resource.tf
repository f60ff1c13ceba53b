data "vsphere_compute_cluster" "c1" {
  name = "/dc1/host/c1"
}

data "vsphere_datastore" "ssd1" {
  name = "/dc1/datastore/ssd1"
}

data "vsphere_network" "web" {
  name = "/dc1/network/web"
}

data "vsphere_virtual_machine_template" "ubuntu" {
  name = "/dc1/vm/ubuntu-24.04"
}

data "vsphere_storage_policy" "vsan" {
  name = "vSAN Default Storage Policy"
}

# A virtual machine of an image, a class and a storage policy, with a default network interface, which cloud-init sets up.
resource "vsphere_virtual_machine" "my_vm" {
  name               = "my-vm"
  class_name         = "best-effort-small"
  storage_policy_id  = data.vsphere_storage_policy.vsan.id
  resource_pool_id   = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id       = data.vsphere_datastore.ssd1.id
  default_network_id = data.vsphere_network.web.id
  firmware           = data.vsphere_virtual_machine_template.ubuntu.firmware

  clone {
    template_uuid = data.vsphere_virtual_machine_template.ubuntu.id
  }

  # The disk of the image, with its size.
  disk {
    label             = "my-vm"
    storage_policy_id = data.vsphere_storage_policy.vsan.id
  }

  cloud_init {
    hostname  = "my-vm"
    user_data = "#cloud-config\n{}\n"
  }
}
