resource "vsphere_namespace" "team" {
  name             = "team"
  supervisor       = local.supervisor
  storage_policies = [data.vsphere_storage_policy.vsan.id]

  vm_service {
    content_libraries = [vsphere_content_library.images.id]
    vm_classes        = ["small", "large"]
  }

  depends_on = [vsphere_virtual_machine_class.c]
}

resource "vsphere_namespace" "plain" {
  name       = "plain"
  supervisor = local.supervisor
}

data "vsphere_namespace" "team" {
  name = vsphere_namespace.team.name

  lifecycle {
    postcondition {
      condition = (
        self.supervisor == local.supervisor && self.config_status == "RUNNING" && self.cpu_usage == 0 &&
        self.storage_policies == tolist([data.vsphere_storage_policy.vsan.id]) &&
        self.vm_service[0].vm_classes == tolist(["large", "small"])
      )
      error_message = "the namespace differs"
    }
  }
}
