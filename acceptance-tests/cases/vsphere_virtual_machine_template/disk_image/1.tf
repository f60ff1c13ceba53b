resource "vsphere_virtual_machine_template" "worker" {
  name             = "worker"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  num_cpus         = 2
  memory           = 512
  enable_disk_uuid = true
  disk_image {
    source   = "{{root}}/acceptance-tests/cases/vsphere_virtual_disk_image/root_disk/files/small.qcow2"
    checksum = "sha256:5876dab2bc303577e24762392d4fd2e853436e22b0a70b7465d130836e74e421"
    guest_id = "ubuntu64Guest"
    firmware = "efi"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    size = 2
  }
}
