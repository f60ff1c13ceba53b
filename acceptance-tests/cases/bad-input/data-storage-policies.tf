# An expression that is not closed.
data "vsphere_storage_policies" "p" {
  name_regex = "gold["
}
