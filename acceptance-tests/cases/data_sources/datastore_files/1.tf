resource "vsphere_file" "iso" {
  datacenter         = "DC0"
  datastore          = "LocalDS_0"
  source_file        = "files/hello.txt"
  destination_file   = "images/linux/b.iso"
  create_directories = true
}
resource "vsphere_file" "text" {
  datacenter         = "DC0"
  datastore          = "LocalDS_0"
  source_file        = "files/hello.txt"
  destination_file   = "images/a b.txt"
  create_directories = true
}
data "vsphere_datastore_files" "all" {
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  folder       = "/images/"
  depends_on   = [vsphere_file.iso, vsphere_file.text]
}
data "vsphere_datastore_files" "iso" {
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  folder       = "images/linux"
  pattern      = "?.iso"
  depends_on   = [vsphere_file.iso, vsphere_file.text]
}
data "vsphere_datastore_files" "top" {
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  pattern      = "images"
  depends_on   = [vsphere_file.iso, vsphere_file.text]
}
locals {
  all = data.vsphere_datastore_files.all.files
  iso = data.vsphere_datastore_files.iso.files
}
output "paths" {
  value = [for f in local.all : "${f.type} ${f.path}"]
  precondition {
    condition     = join(",", [for f in local.all : "${f.type} ${f.path}"]) == "file images/a b.txt,folder images/linux"
    error_message = jsonencode(local.all)
  }
  precondition {
    condition     = length(local.iso) == 1 && local.iso[0].type == "iso" && local.iso[0].size > 0 && can(timeadd(local.iso[0].modified, "1h"))
    error_message = jsonencode(local.iso)
  }
  precondition {
    condition     = data.vsphere_datastore_files.top.files[*].type == tolist(["folder"])
    error_message = jsonencode(data.vsphere_datastore_files.top.files)
  }
}
output "iso" {
  value = local.iso[0].path
}
