locals {
  host = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
}

resource "vsphere_host_virtual_switch" "s" {
  name             = "vSwitch1"
  host_system_id   = local.host
  network_adapters = ["vmnic1"]
  active_nics      = ["vmnic1"]
}

resource "vsphere_host_port_group" "vmk" {
  count               = 2
  name                = "vmk-${count.index}"
  host_system_id      = local.host
  virtual_switch_name = vsphere_host_virtual_switch.s.name
}

resource "vsphere_distributed_virtual_switch" "d" {
  name          = "dvs1"
  datacenter_id = "{{moid /DC0}}"

  host {
    host_system_id = local.host
    devices        = ["vmnic2"]
  }
}

resource "vsphere_distributed_port_group" "d" {
  name                            = "vmk"
  distributed_virtual_switch_uuid = vsphere_distributed_virtual_switch.d.id
}

resource "vsphere_vnic" "v4" {
  host      = local.host
  portgroup = vsphere_host_port_group.vmk[0].name
  mtu       = 9000
  services  = ["vmotion"]

  ipv4 {
    ip      = "10.0.0.5"
    netmask = "255.255.255.0"
  }
}

resource "vsphere_vnic" "distributed" {
  host                    = local.host
  distributed_switch_port = vsphere_distributed_virtual_switch.d.id
  distributed_port_group  = vsphere_distributed_port_group.d.key

  ipv4 {
    dhcp = true
  }
  ipv6 {
    addresses = ["FD00::1/64", "fd00::2/64"]
  }
}

resource "vsphere_vnic" "stack" {
  host      = local.host
  portgroup = vsphere_host_port_group.vmk[1].name
  netstack  = "vmotion"

  ipv4 {
    ip      = "10.0.1.5"
    netmask = "255.255.255.0"
    gw      = "10.0.1.1"
  }
}
