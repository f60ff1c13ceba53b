data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_host" "esx1" {
  name          = "esx1.example.com"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

resource "vsphere_nas_datastore" "images" {
  name            = "images"
  host_system_ids = [data.vsphere_host.esx1.id]
  type            = "NFS41"
  remote_hosts    = ["nfs1.example.com", "nfs2.example.com"]
  remote_path     = "/export/images"
}
