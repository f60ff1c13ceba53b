# No id of a tag, no regular expression, no type.
data "vsphere_dynamic" "d" {
  filter     = ["web"]
  name_regex = "web("
  type       = "Virtualmachine"
}
