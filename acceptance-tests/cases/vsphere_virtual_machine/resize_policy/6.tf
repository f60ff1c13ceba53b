resource "vsphere_virtual_machine" "vm" {
  name                       = "web"
  resource_pool_id           = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id               = "{{moid /DC0/datastore/LocalDS_0}}"
  guest_id                   = "ubuntu64Guest"
  wait_for_guest_net_timeout = 0
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    label = "disk0"
    size  = 1
  }
  num_cpus            = 8
  memory              = 4096
  memory_reservation  = 2048
  cpu_hot_add_enabled = true
  annotation          = "resized later"
  power_state         = "on"
  resize_policy       = "power_cycle"
  lifecycle {
    postcondition {
      condition     = length(coalesce(self.pending_changes, {})) == 0
      error_message = "Nothing waits."
    }
  }
}
