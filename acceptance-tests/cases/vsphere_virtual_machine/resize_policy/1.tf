locals {
  pending = {}
  reason  = null
}
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
  num_cpus      = 2
  memory        = 1024
  resize_policy = "next_power_off"
  lifecycle {
    postcondition {
      condition     = jsonencode(coalesce(self.pending_changes, {})) == jsonencode(local.pending)
      error_message = "Other changes wait than expected: ${jsonencode(self.pending_changes)}."
    }
    postcondition {
      condition     = one([for c in self.conditions : c.reason if c.type == "VirtualMachineConfigurationSynced"]) == local.reason
      error_message = "Another condition than expected: ${jsonencode(self.conditions)}."
    }
  }
}
