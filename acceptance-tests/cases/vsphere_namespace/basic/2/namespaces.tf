resource "vsphere_namespace" "team" {
  name             = "team"
  supervisor       = local.supervisor
  storage_policies = [data.vsphere_storage_policy.encryption.id, data.vsphere_storage_policy.vsan.id]
  storage_limits   = { (data.vsphere_storage_policy.vsan.id) = 10240 }

  depends_on = [vsphere_virtual_machine_class.c]
}

resource "vsphere_namespace" "plain" {
  name       = "plain"
  supervisor = local.supervisor

  vm_service {
    vm_classes = ["small"]
  }

  depends_on = [vsphere_virtual_machine_class.c]
}
