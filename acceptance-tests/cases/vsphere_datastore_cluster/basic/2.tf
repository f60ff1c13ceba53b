resource "vsphere_tag_category" "c" {
  name             = "bench-category"
  cardinality      = "SINGLE"
  associable_types = ["StoragePod"]
}
resource "vsphere_tag" "t" {
  name        = "bench-tag"
  category_id = vsphere_tag_category.c.id
}
resource "vsphere_custom_attribute" "owner" {
  name = "owner"
}
resource "vsphere_folder" "f" {
  path          = "team"
  type          = "datastore"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_datastore_cluster" "p" {
  name              = "ssd-1"
  datacenter_id     = "{{moid /DC0}}"
  tags              = []
  custom_attributes = { (vsphere_custom_attribute.owner.id) = "other" }
}
resource "vsphere_datastore_cluster" "slash" {
  name          = "a/b"
  datacenter_id = "{{moid /DC0}}"
}
