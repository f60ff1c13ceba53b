data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_datastore" "ssd1" {
  name          = "ssd1"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# The persistent volumes of Kubernetes clusters.
data "vsphere_first_class_disks" "volumes" {
  datastore_id = data.vsphere_datastore.ssd1.id
  name_regex   = "^pvc-"
}

output "unused" {
  value = [for disk in data.vsphere_first_class_disks.volumes.disks : disk.name if length(disk.consumer_ids) == 0]
}
