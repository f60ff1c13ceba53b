resource "vsphere_key_provider" "gold" {
  name = "gold"

  server {
    name    = "kms-a"
    address = "kms-a.example.com"
  }
}

resource "vsphere_key_provider" "silver" {
  name = "silver"

  server {
    name    = "kms-b"
    address = "kms-b.example.com"
  }
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

  encryption {
    key_provider_id = vsphere_key_provider.silver.id
    key_id          = "key-1"
  }

  lifecycle {
    postcondition {
      condition     = self.encryption_status.key_id == "key-1" && self.encryption_status.disks[0].key_id == "key-1"
      error_message = "the encryption differs"
    }
  }
}
