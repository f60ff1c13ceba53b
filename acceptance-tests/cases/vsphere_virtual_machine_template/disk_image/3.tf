resource "vsphere_virtual_machine_template" "worker" {
  name             = "worker"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  num_cpus         = 2
  memory           = 1024
  enable_disk_uuid = true
  disk_image {
    source    = "{{root}}/acceptance-tests/cases/vsphere_virtual_disk_image/formats/files/small.vmdk"
    guest_id  = "ubuntu64Guest"
    scsi_type = "lsilogic"
    firmware  = "efi"
  }
  network_interface {
    network_id = "{{moid /DC0/network/VM Network}}"
  }
  disk {
    size = 2
  }
}
