terraform {
  required_providers {
    vsphere = {
      source = "vsphere-rs/vsphere"
    }
  }
}
provider "vsphere" {
  vsphere_server       = "{{server}}"
  user                 = "ann@vsphere.local"
  password             = "ann-secret-1"
  allow_unverified_ssl = true
}
resource "vsphere_first_class_disk" "d" {
  name         = "pv"
  datastore_id = "{{moid /DC0/datastore/LocalDS_0}}"
  size         = 2
}
