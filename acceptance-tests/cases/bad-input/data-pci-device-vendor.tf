# A name where a number belongs.
# command: validate
data "vsphere_host_pci_device" "d" {
  host_id   = "host-21"
  vendor_id = "nvidia"
}
