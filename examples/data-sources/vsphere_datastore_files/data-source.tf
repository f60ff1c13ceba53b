data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_datastore" "ssd1" {
  name          = "ssd1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_datastore_files" "top" {
  datastore_id = data.vsphere_datastore.ssd1.id
}

output "folders" {
  value = [for file in data.vsphere_datastore_files.top.files : file.name if file.type == "folder"]
}
