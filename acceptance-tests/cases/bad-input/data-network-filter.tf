# A network, and not of that type.
data "vsphere_network" "n" {
  name          = "VM Network"
  datacenter_id = "{{moid /DC0}}"
  filter {
    network_type = "OpaqueNetwork"
  }
}
