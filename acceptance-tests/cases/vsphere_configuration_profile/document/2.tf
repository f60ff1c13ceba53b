resource "vsphere_configuration_profile" "p" {
  cluster_id    = "{{moid /DC0/host/DC0_C0}}"
  configuration = "{\n  \"metadata\": {\"created_by\": \"me\"},\n  \"profile\": {\"esx\": {\"source\": \"document\"}}\n}"
}
