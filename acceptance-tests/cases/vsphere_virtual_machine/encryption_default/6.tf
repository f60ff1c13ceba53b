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

  disk {
    label       = "disk1"
    size        = 2
    unit_number = 1
  }

  encryption {
    rekey         = "deep"
    rekey_trigger = "2026-02"
  }

  lifecycle {
    postcondition {
      condition     = self.encryption_status.key_provider_id == "native1" && length(self.encryption_status.disks) == 2
      error_message = "the encryption differs"
    }
  }
}
