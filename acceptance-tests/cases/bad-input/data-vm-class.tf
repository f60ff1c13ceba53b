# There is no class of that name.
data "vsphere_virtual_machine_class" "c" {
  name = "tf-large"
}
