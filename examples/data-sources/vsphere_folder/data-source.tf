# By inventory path: the datacenter, the root folder, then the folder's own path.
data "vsphere_folder" "web" {
  path = "/dc1/vm/web"
}

# "/" is the root folder of vCenter.
data "vsphere_folder" "root" {
  path = "/"
}
