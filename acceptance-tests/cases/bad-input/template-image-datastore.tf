# A disk image without a datastore, and with another source
# command: validate
resource "vsphere_virtual_machine_template" "t" {
  name             = "worker"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  clone {
    template_uuid = "vm-9"
  }
  disk_image {
    source = "worker.qcow2"
  }
}
