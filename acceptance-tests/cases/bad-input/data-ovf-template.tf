# Packages that are declared wrongly, or do not fit
data "vsphere_ovf_vm_template" "nowhere" {
  name             = "nowhere"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  host_system_id   = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
}

data "vsphere_ovf_vm_template" "twice" {
  name             = "twice"
  resource_pool_id = "{{moid /DC0/host/DC0_C0/Resources}}"
  host_system_id   = "{{moid /DC0/host/DC0_C0/DC0_C0_H0}}"
  datastore_id     = "{{moid /DC0/datastore/LocalDS_0}}"
  local_ovf_path   = "a.ova"
  remote_ovf_url   = "https://packages.example.com/a.ova"
}
