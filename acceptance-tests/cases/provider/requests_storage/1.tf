resource "vsphere_content_library" "l" {
  count           = 5
  name            = "library-${count.index}"
  storage_backing = ["{{moid /DC0/datastore/LocalDS_0}}"]
}
resource "vsphere_content_library_item" "i" {
  count      = 20
  name       = "item-${count.index}"
  library_id = vsphere_content_library.l[floor(count.index / 4)].id
  type       = "iso"
  file_url   = "{{root}}/acceptance-tests/cases/vsphere_content_library_item/files/files/small.iso"
}
resource "vsphere_datastore_cluster" "c" {
  count         = 5
  name          = "cluster-${count.index}"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_nas_datastore" "d" {
  count                = 20
  name                 = "nfs-${count.index}"
  datastore_cluster_id = vsphere_datastore_cluster.c[floor(count.index / 4)].id
  host_system_ids      = ["{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"]
  remote_hosts         = ["nfs.example.com"]
  remote_path          = "/export/${count.index}"
}
resource "vsphere_virtual_machine_template" "t" {
  count            = 20
  name             = "template-${count.index}"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  clone {
    template_uuid = "{{moid /DC0/vm/builder}}"
  }
}
