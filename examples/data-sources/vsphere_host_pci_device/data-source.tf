data "vsphere_datacenter" "dc1" {
  name = "dc1"
}

data "vsphere_host" "esx1" {
  name          = "esx1.example.com"
  datacenter_id = data.vsphere_datacenter.dc1.id
}

# The first VGA controller on the host.
data "vsphere_host_pci_device" "graphics" {
  host_id  = data.vsphere_host.esx1.id
  class_id = "300"
}
