output "folder" {
  description = "The inventory path of the folder of the user cluster."
  value       = "/${trim(var.datacenter, "/")}/vm/${local.folder}"
}

output "template" {
  description = "The name of the template of the worker nodes."
  value       = local.template.name
}

output "tag_category_id" {
  description = "The ID of the tag category."
  value       = local.tag_category_id
}

output "tag_ids" {
  description = "The ID of each tag, by name."
  value       = { for name, t in vsphere_tag.this : name => t.id }
}

output "workers" {
  description = "The worker nodes, by name: the managed object ID, the UUID that Kubernetes has as the provider ID, the pool, and the IP address if VMware Tools reports one."
  value = {
    for name, w in vsphere_virtual_machine.worker : name => {
      moid        = w.moid
      provider_id = "vsphere://${w.uuid}"
      pool        = local.workers[name].pool
      ip_address  = w.default_ip_address
    }
  }
}

output "cluster_snippet" {
  description = "`spec.cloud.vsphere` of the user cluster, without credentials."
  value = yamlencode({
    spec = {
      cloud = {
        vsphere = merge(
          { folder = "/${trim(var.datacenter, "/")}/vm/${local.folder}" },
          { for key, value in { datastore = var.datastore, datastoreCluster = var.datastore_cluster } : key => value if value != null },
          { tags = { categoryID = local.tag_category_id, tags = sort(var.tags) } },
        )
      }
    }
  })
}
