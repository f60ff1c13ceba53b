resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "windows2019srv_64Guest"
  wait_for_guest_net_timeout = 0
  firmware                   = "efi"
  efi_secure_boot_enabled    = true
  nested_hv_enabled          = true
  vvtd_enabled               = true
  vbs_enabled                = true
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
