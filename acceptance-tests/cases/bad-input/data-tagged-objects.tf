# No tag, and a type that does not exist.
data "vsphere_tagged_objects" "none" {
  tag_ids = []
}
data "vsphere_tagged_objects" "type" {
  tag_ids = ["urn:vmomi:InventoryServiceTag:5b1b5f5e-6f2a-4c51-9a43-7f6f0f8f8f10:GLOBAL"]
  type    = "Host"
  match   = "one"
}
