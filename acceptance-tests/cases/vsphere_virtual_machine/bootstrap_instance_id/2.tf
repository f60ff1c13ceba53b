resource "vsphere_virtual_machine" "vm" {
  cloud_init {
    metadata  = "role: db"
    user_data = "#cloud-config\nruncmd: [two]\n"
    encoding  = "base64"
  }
}
