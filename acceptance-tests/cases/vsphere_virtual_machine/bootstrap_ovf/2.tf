resource "vsphere_virtual_machine" "vm" {
  cloud_init {
    transport = "ovf"
    hostname  = "web"
    user_data = "#cloud-config\nruncmd: [two]\n"
  }
}
