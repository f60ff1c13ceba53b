# spec.bootstrap.cloudInit: a #cloud-config document, in the user data of cloud-init.
resource "vsphere_virtual_machine" "cloud_init" {
  name             = "cloud-init"
  resource_pool_id = local.placement.resource_pool_id
  datastore_id     = local.placement.datastore_id
  num_cpus         = 2
  memory           = 4096
  firmware         = data.vsphere_virtual_machine_template.ubuntu.firmware

  clone {
    template_uuid = data.vsphere_virtual_machine_template.ubuntu.id
  }

  network_interface {
    network_id = local.placement.network_id
  }

  disk {
    label = "system"
  }

  cloud_init {
    hostname = "cloud-init"
    user_data = join("\n", ["#cloud-config", yamlencode({
      ssh_authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample"]
      packages            = ["nginx"]
    })])
  }
}
