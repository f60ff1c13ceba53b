data "vsphere_host" "h" {
  count         = 40
  name          = "DC0_H${count.index}"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_distributed_virtual_switch" "s" {
  count         = 10
  name          = "switch-${count.index}"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_distributed_port_group" "p" {
  count                           = 100
  name                            = "ports-${count.index}"
  distributed_virtual_switch_uuid = vsphere_distributed_virtual_switch.s[floor(count.index / 10)].id
  vlan_id                         = count.index + 1
}
resource "vsphere_compute_cluster" "c" {
  count                     = 10
  name                      = "cluster-${count.index}"
  datacenter_id             = "{{moid /DC0}}"
  host_system_ids           = slice(data.vsphere_host.h[*].id, count.index * 4, count.index * 4 + 4)
  force_evacuate_on_destroy = true
  drs_enabled               = true
  ha_enabled                = true
}
resource "vsphere_alarm" "a" {
  count       = 20
  name        = "alarm-${count.index}"
  description = "alarm"
  entity_type = "Datacenter"
  entity_id   = "{{moid /DC0}}"
  state_expression {
    operator    = "isEqual"
    state_path  = "runtime.connectionState"
    object_type = "HostSystem"
    yellow      = "disconnected"
  }
}
