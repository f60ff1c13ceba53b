data "vsphere_datacenter" "dc" {
  name = "DC0"
}
data "vsphere_virtual_machine" "name" {
  name          = "DC0_C0_RP0_VM0"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_virtual_machine" "uuid" {
  uuid = data.vsphere_virtual_machine.name.uuid
}
data "vsphere_virtual_machine" "instance" {
  uuid = data.vsphere_virtual_machine.name.instance_uuid
}
data "vsphere_virtual_machine" "moid" {
  moid                       = data.vsphere_virtual_machine.name.moid
  scsi_controller_scan_count = 2
}
data "vsphere_virtual_machine" "folder" {
  name          = "DC0_C0_RP0_VM1"
  folder        = "team"
  datacenter_id = data.vsphere_datacenter.dc.id
}
data "vsphere_virtual_machine" "path" {
  name = "/DC0/vm/team/DC0_C0_RP0_VM1"
}
locals {
  vm = data.vsphere_virtual_machine.name
}
output "moid" {
  value = local.vm.moid
}
output "uuid" {
  value = local.vm.id
}
output "instance_uuid" {
  value = local.vm.instance_uuid
}
output "guest" {
  value = local.vm.guest_id
}
output "in_folder" {
  value = data.vsphere_virtual_machine.folder.moid
}
output "snapshot" {
  value = local.vm.snapshots[1].id
}
locals {
  facts = {
    disks      = [for d in local.vm.disks : "${d.unit_number} ${d.size}"]
    scsi       = "${local.vm.scsi_type} ${local.vm.scsi_bus_sharing}"
    nics       = local.vm.network_interface_types
    networks   = [for n in local.vm.network_interfaces : n.network_id]
    tags       = length(local.vm.tags)
    attributes = values(local.vm.custom_attributes)
    cpus       = "${local.vm.num_cpus} ${local.vm.cpu_limit} ${local.vm.firmware}"
    memory     = local.vm.memory
    note       = local.vm.annotation
    power      = local.vm.power_state
    snapshots  = local.vm.snapshots[*].path
    folders    = [local.vm.folder, data.vsphere_virtual_machine.path.folder]
    same       = length(distinct([local.vm.id, data.vsphere_virtual_machine.uuid.id, data.vsphere_virtual_machine.instance.id, data.vsphere_virtual_machine.moid.id]))
    two        = data.vsphere_virtual_machine.moid.scsi_type
    template   = local.vm.template
  }
}
output "facts" {
  value = local.facts
  precondition {
    condition     = jsonencode(local.facts) == jsonencode(local.expected)
    error_message = jsonencode(local.facts)
  }
}
locals {
  expected = {
    disks      = ["0 10", "1 3"]
    scsi       = "pvscsi noSharing"
    nics       = ["e1000", "e1000e"]
    networks   = ["{{moid /DC0/network/DC0_DVPG0}}", "{{moid /DC0/network/VM Network}}"]
    tags       = 1
    attributes = ["web"]
    cpus       = "1 2000 bios"
    memory     = 32
    note       = "a note"
    power      = "poweredOn"
    snapshots  = ["/base", "/base/patched"]
    folders    = ["/DC0/vm", "/DC0/vm/team"]
    same       = 1
    two        = "mixed"
    template   = false
  }
}
