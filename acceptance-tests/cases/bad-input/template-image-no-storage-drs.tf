# A disk image in a datastore cluster without Storage DRS
# file: acceptance-tests/cases/vsphere_virtual_disk_image/formats/files/small.qcow2
# command: apply
# setup: folder.create -pod /DC0/datastore/pod
# setup: object.mv /DC0/datastore/LocalDS_0 /DC0/datastore/pod
# setup: datastore.cluster.change -drs-enabled=false /DC0/datastore/pod
resource "vsphere_virtual_machine_template" "worker" {
  name                 = "worker"
  resource_pool_id     = "{{moid /DC0/host/DC0_C0/Resources}}"
  datastore_cluster_id = "{{moid /DC0/datastore/pod}}"
  disk_image {
    source = "small.qcow2"
  }
}
