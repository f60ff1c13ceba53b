# A tag that there is not.
# command: apply
resource "vsphere_folder" "f" {
  path          = "bench-tag"
  type          = "vm"
  datacenter_id = "{{moid /DC0}}"
  tags          = ["urn:vmomi:InventoryServiceTag:00000000-0000-4000-8000-000000000000:GLOBAL"]
}
