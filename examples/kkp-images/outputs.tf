output "templates" {
  description = "The template of each image, by the name of the image. Each value can be the `template` of the module `kkp-user-cluster`."
  value = {
    for name, t in local.templates : name => {
      id               = t.id
      name             = t.name
      moid             = t.moid
      guest_id         = t.guest_id
      firmware         = t.firmware
      hardware_version = t.hardware_version
    }
  }
}

output "cluster_templates" {
  description = "The templates of the user clusters with a dedicated network, by cluster and image."
  value = {
    for cluster, _ in var.clusters : cluster => {
      for key, c in local.cluster_images : c.image => {
        id               = vsphere_virtual_machine_template.cluster[key].id
        name             = vsphere_virtual_machine_template.cluster[key].name
        moid             = vsphere_virtual_machine_template.cluster[key].moid
        guest_id         = vsphere_virtual_machine_template.cluster[key].guest_id
        firmware         = vsphere_virtual_machine_template.cluster[key].firmware
        hardware_version = vsphere_virtual_machine_template.cluster[key].hardware_version
      } if c.cluster == cluster
    }
  }
}

output "seed_templates" {
  description = "The name of the template for each operating system, for `templates` of the datacenter in the Seed: the last image of the operating system in alphabetical order."
  value = {
    for os in distinct([for i in local.images : i.os]) : os => reverse(sort([
      for name, i in local.images : local.templates[name].name if i.os == os
    ]))[0]
  }
}

output "vmxnet3_cloud_config" {
  description = "The contents of `vmxnet3-offload-off.yaml`, for the vendor data of worker nodes."
  value       = local.vmxnet3_snippet
}
