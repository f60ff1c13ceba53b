# spec.bootstrap.linuxPrep: vSphere sets the host name and the network through VMware Tools.
resource "vsphere_virtual_machine" "linux_prep" {
  name             = "linux-prep"
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

  customize {
    dns_server_list = ["10.0.0.2"]
    dns_suffix_list = ["example.com"]

    linux_options {
      host_name    = "linux-prep"
      domain       = "example.com"
      time_zone    = "Europe/Berlin"
      hw_clock_utc = true
    }

    network_interface {
      ipv4_address = "10.0.0.11"
      ipv4_netmask = 24
      ipv4_gateway = "10.0.0.1"
      dhcp6        = true
    }
  }
}
