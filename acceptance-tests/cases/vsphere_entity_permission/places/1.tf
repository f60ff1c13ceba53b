data "vsphere_role" "reader" {
  label = "Read-only"
}
data "vsphere_distributed_virtual_switch" "s" {
  name          = "DVS0"
  datacenter_id = "{{moid /DC0}}"
}
locals {
  # The ids show their types, all but that of a switch.
  places = {
    root       = { id = "root", propagate = false }
    datacenter = { id = "{{moid /DC0}}", propagate = false }
    cluster    = { id = "{{moid /DC0/host/DC0_C0}}", propagate = true }
    datastore  = { id = "{{moid /DC0/datastore/LocalDS_0}}", propagate = true }
    network    = { id = "{{moid /DC0/network/VM Network}}", propagate = false }
    portgroup  = { id = "{{moid /DC0/network/DC0_DVPG0}}", propagate = false }
    host       = { id = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}", propagate = false }
    vm         = { id = "{{moid /DC0/vm/DC0_H0_VM0}}", propagate = true }
  }
}
resource "vsphere_entity_permission" "p" {
  for_each      = local.places
  entity_id     = each.value.id
  user_or_group = "VSPHERE.LOCAL\\Users"
  is_group      = true
  role_id       = data.vsphere_role.reader.id
  propagate     = each.value.propagate
}
resource "vsphere_entity_permission" "switch" {
  entity_id     = data.vsphere_distributed_virtual_switch.s.id
  entity_type   = "VmwareDistributedVirtualSwitch"
  user_or_group = "users@vsphere.local"
  is_group      = true
  role_id       = data.vsphere_role.reader.id
}
