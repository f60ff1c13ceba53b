data "vsphere_ovf_vm_template" "ovf" {
  name              = "packaged"
  resource_pool_id  = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id      = "{{moid /DC0/datastore/LocalDS_0}}"
  host_system_id    = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  folder            = "team"
  local_ovf_path    = "files/small.ovf"
  disk_provisioning = "thin"
  ovf_network_map = {
    nat = "{{moid /DC0/network/DC0_DVPG0}}"
  }
}

data "vsphere_ovf_vm_template" "ova" {
  name             = "from-archive"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  host_system_id   = ""
  local_ovf_path   = "files/small.ova"
}

# As in the official provider's documentation: the virtual machine has the hardware of the package.
resource "vsphere_virtual_machine" "v" {
  name             = data.vsphere_ovf_vm_template.ovf.name
  resource_pool_id = data.vsphere_ovf_vm_template.ovf.resource_pool_id
  datastore_id     = data.vsphere_ovf_vm_template.ovf.datastore_id
  host_system_id   = data.vsphere_ovf_vm_template.ovf.host_system_id
  datacenter_id    = "{{moid /DC0}}"

  num_cpus             = data.vsphere_ovf_vm_template.ovf.num_cpus
  num_cores_per_socket = data.vsphere_ovf_vm_template.ovf.num_cores_per_socket
  memory               = data.vsphere_ovf_vm_template.ovf.memory
  guest_id             = data.vsphere_ovf_vm_template.ovf.guest_id
  scsi_type            = data.vsphere_ovf_vm_template.ovf.scsi_type

  wait_for_guest_net_timeout = 0

  ovf_deploy {
    local_ovf_path    = data.vsphere_ovf_vm_template.ovf.local_ovf_path
    disk_provisioning = data.vsphere_ovf_vm_template.ovf.disk_provisioning
    ovf_network_map   = data.vsphere_ovf_vm_template.ovf.ovf_network_map
  }
}

# What the packages contain.
output "hardware" {
  value = data.vsphere_ovf_vm_template.ovf.memory

  precondition {
    condition = alltrue([
      data.vsphere_ovf_vm_template.ovf.id == "packaged",
      data.vsphere_ovf_vm_template.ovf.scsi_type == "lsilogic",
      data.vsphere_ovf_vm_template.ovf.scsi_controller_count == 1,
      data.vsphere_ovf_vm_template.ovf.sata_controller_count == 0,
      data.vsphere_ovf_vm_template.ovf.enable_hidden_properties == false,
    ])
    error_message = jsonencode(data.vsphere_ovf_vm_template.ovf)
  }

  precondition {
    condition = alltrue([
      data.vsphere_ovf_vm_template.ova.id == "from-archive",
      data.vsphere_ovf_vm_template.ova.guest_id == "otherLinuxGuest",
      data.vsphere_ovf_vm_template.ova.num_cpus == 1,
      data.vsphere_ovf_vm_template.ova.memory == 64,
    ])
    error_message = jsonencode(data.vsphere_ovf_vm_template.ova)
  }
}
