# A checksum that is not one
resource "vsphere_virtual_machine_template" "t" {
  name             = "worker"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  disk_image {
    source   = "worker.qcow2"
    checksum = "sha256:12"
  }
}
