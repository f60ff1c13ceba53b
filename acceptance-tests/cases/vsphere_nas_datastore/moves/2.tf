resource "vsphere_tag_category" "c" {
  name             = "bench-category"
  cardinality      = "SINGLE"
  associable_types = ["Datastore"]
}
resource "vsphere_tag" "t" {
  name        = "bench-tag"
  category_id = vsphere_tag_category.c.id
}
resource "vsphere_custom_attribute" "owner" {
  name                = "owner"
  managed_object_type = "Datastore"
}
resource "vsphere_folder" "f" {
  path          = "nfs"
  type          = "datastore"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_nas_datastore" "d" {
  name                 = "nfs1"
  host_system_ids      = ["{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"]
  remote_hosts         = ["nfs.example.com"]
  remote_path          = "/export"
  datastore_cluster_id = "{{moid /DC0/datastore/pod}}"
  tags                 = [vsphere_tag.t.id]
  custom_attributes    = { (vsphere_custom_attribute.owner.id) = "storage" }
  timeouts {
    update = "2m"
  }
}
