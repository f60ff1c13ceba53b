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
  path          = "vmfs"
  type          = "datastore"
  datacenter_id = "{{moid /DC0}}"
}
resource "vsphere_vmfs_datastore" "d" {
  name              = "lun"
  host_system_id    = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  disks             = ["naa.600508b1001c00000000000000000001"]
  folder            = vsphere_folder.f.path
  tags              = [vsphere_tag.t.id]
  custom_attributes = { (vsphere_custom_attribute.owner.id) = "storage" }
  timeouts {
    update = "2m"
  }
}
