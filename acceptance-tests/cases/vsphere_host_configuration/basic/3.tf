resource "vsphere_host_configuration" "a" {
  advanced_settings = {
    "NFS.MaxVolume" = "128"
  }
}
