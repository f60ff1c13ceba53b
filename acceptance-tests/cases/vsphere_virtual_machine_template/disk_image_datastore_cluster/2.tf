resource "vsphere_virtual_machine_template" "worker" {
  name                 = "worker"
  resource_pool_id     = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_cluster_id = "{{moid /DC0/datastore/DC0_POD0}}"
  num_cpus             = 2
  memory               = 1024
  disk_image {
    source = "{{root}}/acceptance-tests/cases/vsphere_virtual_disk_image/root_disk/files/small.qcow2"
    type   = "eagerZeroedThick"
  }
}
