data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_host" "esx1" {
  name          = "esx1.example.com"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

data "vsphere_host_vgpu_profile" "v100" {
  host_id    = data.vsphere_host.esx1.id
  name_regex = "^grid_v100-"
}
