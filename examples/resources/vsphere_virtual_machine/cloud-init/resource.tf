variable "user_data" {
  description = "The cloud-init user data, such as a cloud-config document with passwords."
  type        = string
  default     = "#cloud-config\npackages: [nginx]\n"
  sensitive   = true
}

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

data "vsphere_virtual_machine" "ubuntu" {
  name          = "ubuntu-24.04"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# A clone that cloud-init sets up, with a managed power state.
resource "vsphere_virtual_machine" "web" {
  name             = "web-2"
  resource_pool_id = data.vsphere_compute_cluster.c1.resource_pool_id
  datastore_id     = data.vsphere_datastore.ssd1.id
  guest_id         = data.vsphere_virtual_machine.ubuntu.guest_id
  firmware         = data.vsphere_virtual_machine.ubuntu.firmware

  # `suspended` suspends the virtual machine. A change of `restart_trigger` restarts it.
  power_state     = "on"
  power_off_mode  = "trySoft"
  restart_trigger = "1"

  network_interface {
    network_id = data.vsphere_network.web.id
  }

  disk {
    label = "system"
    size  = 40
  }

  clone {
    template_uuid = data.vsphere_virtual_machine.ubuntu.id
  }

  # The user data is in neither the plan nor the state. Changing the version writes it again.
  cloud_init {
    hostname             = "web-2"
    network_config       = yamlencode({ version = 2, ethernets = { eth0 = { dhcp4 = true } } })
    user_data_wo         = var.user_data
    user_data_wo_version = 1
  }
}
