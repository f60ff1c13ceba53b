# No device fits.
data "vsphere_host_pci_device" "d" {
  host_id    = "{{moid /DC0/host/DC0_H0/DC0_H0}}"
  name_regex = "Tesla"
}
