data "vsphere_namespace" "existing" {
  name = "platform"
}

data "vsphere_storage_policy" "vsan" {
  name = "vSAN Default Storage Policy"
}

data "vsphere_content_library" "images" {
  name = "images"
}

# A namespace on the Supervisor that runs another one.
resource "vsphere_namespace" "team_a" {
  name             = "team-a"
  supervisor       = data.vsphere_namespace.existing.supervisor
  storage_policies = [data.vsphere_storage_policy.vsan.id]

  vm_service {
    content_libraries = [data.vsphere_content_library.images.id]
    vm_classes        = ["best-effort-small", "best-effort-large"]
  }
}
