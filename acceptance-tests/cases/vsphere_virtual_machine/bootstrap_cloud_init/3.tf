resource "vsphere_virtual_machine" "vm" {
  cloud_init {
    user_data      = "#cloud-config\nruncmd: [two]\n"
    hostname       = "web2"
    network_config = "version: 2"
    encoding       = "base64"
    instance_id    = "i-web"
  }
}
