variable "admin_password" {
  description = "The password of the local administrator of the Windows guest."
  type        = string
  default     = "Example-1"
  sensitive   = true
}

# spec.bootstrap.sysprep: Sysprep sets up a Windows guest.
resource "vsphere_virtual_machine" "sysprep" {
  name             = "sysprep"
  resource_pool_id = local.placement.resource_pool_id
  datastore_id     = local.placement.datastore_id
  num_cpus         = 2
  memory           = 4096
  firmware         = data.vsphere_virtual_machine_template.windows.firmware

  wait_for_guest_net_timeout = 0

  clone {
    template_uuid = data.vsphere_virtual_machine_template.windows.id
  }

  network_interface {
    network_id = local.placement.network_id
  }

  disk {
    label = "system"
  }

  customize {
    windows_options {
      computer_name         = "SYSPREP"
      admin_password        = var.admin_password
      workgroup             = "LAB"
      time_zone             = 110
      run_once_command_list = ["cmd.exe /c echo ready"]
    }

    network_interface {
      ipv4_address    = "10.0.0.12"
      ipv4_netmask    = 24
      ipv4_gateway    = "10.0.0.1"
      dns_server_list = ["10.0.0.2"]
    }
  }
}
