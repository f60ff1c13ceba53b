data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_host" "esx1" {
  name          = "esx1.example.com"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_vmfs_disks" "luns" {
  host_system_id = data.vsphere_host.esx1.id
  rescan         = true
  filter         = "^naa[.].*[12]$"
}

resource "vsphere_vmfs_datastore" "san1" {
  name           = "san1"
  host_system_id = data.vsphere_host.esx1.id
  disks          = data.vsphere_vmfs_disks.luns.disks
}
