resource "vsphere_virtual_machine" "vm" {
  name                                  = "web"
  resource_pool_id                      = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id                          = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                              = "ubuntu64Guest"
  wait_for_guest_net_timeout            = 0
  tools_upgrade_policy                  = "upgradeAtPowerCycle"
  run_tools_scripts_before_guest_reboot = true
  run_tools_scripts_after_resume        = false
  sync_time_with_host                   = true
  sync_time_with_host_periodically      = true
  allow_reboot                          = false
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
}
