resource "vsphere_first_class_disk" "data" {
  name         = "renamed"
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  size         = 4
}
resource "vsphere_first_class_disk" "thick" {
  name         = "thick"
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  size         = 2
  type         = "eagerZeroedThick"
}
data "vsphere_first_class_disk" "by_name" {
  datastore_id = vsphere_first_class_disk.data.datastore_id
  name         = vsphere_first_class_disk.data.name
  depends_on   = [vsphere_first_class_disk.data]
}
data "vsphere_first_class_disk" "by_id" {
  datastore_id = vsphere_first_class_disk.thick.datastore_id
  id           = vsphere_first_class_disk.thick.id
}
data "vsphere_first_class_disks" "all" {
  datastore_id = vsphere_first_class_disk.data.datastore_id
  depends_on   = [vsphere_first_class_disk.data, vsphere_first_class_disk.thick]
}
data "vsphere_first_class_disks" "named" {
  datastore_id = vsphere_first_class_disk.data.datastore_id
  name_regex   = "^thi"
  depends_on   = [vsphere_first_class_disk.data, vsphere_first_class_disk.thick]
}
output "found" {
  value = [for d in data.vsphere_first_class_disks.all.disks : d.name]
  precondition {
    condition     = data.vsphere_first_class_disk.by_name.id == vsphere_first_class_disk.data.id && data.vsphere_first_class_disk.by_name.size_mb == 4096
    error_message = jsonencode(data.vsphere_first_class_disk.by_name)
  }
  precondition {
    condition     = data.vsphere_first_class_disk.by_id.type == "eagerZeroedThick" && data.vsphere_first_class_disk.by_id.path == vsphere_first_class_disk.thick.path
    error_message = jsonencode(data.vsphere_first_class_disk.by_id)
  }
  precondition {
    condition     = [for d in data.vsphere_first_class_disks.named.disks : d.name] == ["thick"] && length(data.vsphere_first_class_disks.all.disks) == 2
    error_message = jsonencode(data.vsphere_first_class_disks.all)
  }
}
