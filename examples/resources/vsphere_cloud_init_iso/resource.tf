resource "vsphere_cloud_init_iso" "web" {
  datacenter         = "dc1"
  datastore          = "ssd1"
  path               = "cloud-init/web.iso"
  create_directories = true

  user_data = <<-EOT
    #cloud-config
    packages: [nginx]
  EOT

  meta_data = yamlencode({
    instance-id    = "web-1"
    local-hostname = "web-1"
  })
}

# cdrom {
#   datastore_id = vsphere_cloud_init_iso.web.datastore_id
#   path         = vsphere_cloud_init_iso.web.path
# }
