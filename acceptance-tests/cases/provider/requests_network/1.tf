locals {
  hosts = [
    ["{{moid /DC0/host/DC0_H0/DC0_H0}}", "{{moid /DC0/host/DC0_H1/DC0_H1}}", "{{moid /DC0/host/DC0_H2/DC0_H2}}", "{{moid /DC0/host/DC0_H3/DC0_H3}}"],
    ["{{moid /DC0/host/DC0_H4/DC0_H4}}", "{{moid /DC0/host/DC0_H5/DC0_H5}}", "{{moid /DC0/host/DC0_H6/DC0_H6}}", "{{moid /DC0/host/DC0_H7/DC0_H7}}"],
    ["{{moid /DC0/host/DC0_H8/DC0_H8}}", "{{moid /DC0/host/DC0_H9/DC0_H9}}", "{{moid /DC0/host/DC0_H10/DC0_H10}}", "{{moid /DC0/host/DC0_H11/DC0_H11}}"],
    ["{{moid /DC0/host/DC0_H12/DC0_H12}}", "{{moid /DC0/host/DC0_H13/DC0_H13}}", "{{moid /DC0/host/DC0_H14/DC0_H14}}", "{{moid /DC0/host/DC0_H15/DC0_H15}}"],
    ["{{moid /DC0/host/DC0_H16/DC0_H16}}", "{{moid /DC0/host/DC0_H17/DC0_H17}}", "{{moid /DC0/host/DC0_H18/DC0_H18}}", "{{moid /DC0/host/DC0_H19/DC0_H19}}"],
    ["{{moid /DC0/host/DC0_H20/DC0_H20}}", "{{moid /DC0/host/DC0_H21/DC0_H21}}", "{{moid /DC0/host/DC0_H22/DC0_H22}}", "{{moid /DC0/host/DC0_H23/DC0_H23}}"],
    ["{{moid /DC0/host/DC0_H24/DC0_H24}}", "{{moid /DC0/host/DC0_H25/DC0_H25}}", "{{moid /DC0/host/DC0_H26/DC0_H26}}", "{{moid /DC0/host/DC0_H27/DC0_H27}}"],
    ["{{moid /DC0/host/DC0_H28/DC0_H28}}", "{{moid /DC0/host/DC0_H29/DC0_H29}}", "{{moid /DC0/host/DC0_H30/DC0_H30}}", "{{moid /DC0/host/DC0_H31/DC0_H31}}"],
    ["{{moid /DC0/host/DC0_H32/DC0_H32}}", "{{moid /DC0/host/DC0_H33/DC0_H33}}", "{{moid /DC0/host/DC0_H34/DC0_H34}}", "{{moid /DC0/host/DC0_H35/DC0_H35}}"],
    ["{{moid /DC0/host/DC0_H36/DC0_H36}}", "{{moid /DC0/host/DC0_H37/DC0_H37}}", "{{moid /DC0/host/DC0_H38/DC0_H38}}", "{{moid /DC0/host/DC0_H39/DC0_H39}}"],
  ]
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
  host_system_ids           = local.hosts[count.index]
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
