resource "vsphere_virtual_machine_class" "c" {
  name   = "tf-larger"
  cpus   = 8
  memory = 8192
}
