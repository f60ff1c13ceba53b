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
  num_cpus            = 4
  memory              = 2048
  memory_reservation  = 2048
  cpu_hot_add_enabled = true
  annotation          = "resized later"
  resize_policy       = "next_power_off"
  lifecycle {
    postcondition {
      condition     = self.pending_changes == tomap({ cpu_hot_add_enabled = "true", memory = "2048", memory_reservation = "2048", num_cpus = "4" })
      error_message = "The changes wait."
    }
    postcondition {
      condition     = one([for c in self.conditions : c.reason if c.type == "VirtualMachineConfigurationSynced"]) == "PowerOffRequired"
      error_message = "A condition says so."
    }
  }
}
