# A folder that there is not.
data "vsphere_folder" "d" {
  path = "/DC0/vm/none"
}
