locals {
  cluster_users = {
    for name, c in var.clusters : name => {
      infra   = c.infra_user != null ? c.infra_user.name : var.infra_user.name
      storage = coalesce(c.storage_user, var.shared_credentials ? coalesce(c.infra_user, var.infra_user) : var.storage_user).name
    }
  }

  # The file's quoting: backslashes and quotes have a backslash in front.
  cloud_configs = {
    for name, c in var.clusters : name => templatefile("${path.module}/cloud-config.tftpl", {
      for key, value in {
        server     = var.server
        user       = local.cluster_users[name].storage
        password   = lookup(var.passwords, local.cluster_users[name].storage, "")
        insecure   = tostring(var.allow_insecure)
        datacenter = var.datacenter
        folder     = "${local.datacenter_path}/vm/${local.vm_folder}/${name}"
        datastore  = coalesce(c.datastore, var.default_datastore)
      } : key => replace(replace(value, "\\", "\\\\"), "\"", "\\\"")
    })
  }

  seed_vsphere = merge(
    {
      endpoint      = "https://${var.server}"
      allowInsecure = var.allow_insecure
      datacenter    = var.datacenter
      cluster       = var.compute_clusters[0]
      datastore     = var.default_datastore
      rootPath      = "${local.datacenter_path}/vm/${local.vm_folder}"
      templates     = var.templates
    },
    var.shared_credentials ? {} : {
      infraManagementUser = {
        username = var.infra_user.name
        password = lookup(var.passwords, var.infra_user.name, "")
      }
    },
  )

  seed_datacenters = {
    (coalesce(var.seed_datacenter, lower(basename(var.datacenter)))) = { spec = { vsphere = local.seed_vsphere } }
  }
}

output "cloud_configs" {
  description = "The cloud-config of each user cluster."
  value       = local.cloud_configs
  sensitive   = true
}

output "seed_snippet" {
  description = "The datacenter for the Seed; for kkp-002, for datacenters.yaml."
  value = (
    var.kkp_doc == "kkp-002"
    ? yamlencode({ datacenters = local.seed_datacenters })
    : yamlencode({ spec = { datacenters = local.seed_datacenters } })
  )
  sensitive = true
}

output "cluster_snippets" {
  description = "`spec.cloud.vsphere` of each user cluster: its folder, datastore and tags. The credentials are not in it."
  value = {
    for name, c in var.clusters : name => yamlencode({
      spec = {
        cloud = {
          vsphere = merge(
            { folder = "${local.datacenter_path}/vm/${local.vm_folder}/${name}" },
            { for key, value in { datastoreCluster = c.datastore_cluster } : key => value if value != null },
            { for key, value in { datastore = coalesce(c.datastore, var.default_datastore) } : key => value if c.datastore_cluster == null },
            # Editions before kkp-001 have no tags.
            contains(["kkp-001", "kkp-v2.26"], var.kkp_doc) ? {
              tags = {
                categoryID = vsphere_tag_category.cluster[name].id
                tags       = sort(c.tags)
              }
            } : {},
          )
        }
      }
    })
  }
}

output "role_ids" {
  description = "The id of every role, the predefined and merged ones included, by name without the prefix."
  value       = local.role_ids
}

output "merged_roles" {
  description = "The roles that no document names: each holds the privileges of the roles in its name."
  value       = sort(local.merged)
}

output "grants" {
  description = "Every permission: the entity, the principal, the roles that the document wants there, the one role that is granted, and whether it propagates."
  value = {
    for place, g in local.grants : place => {
      entity    = g.entity
      principal = g.principal.name
      is_group  = g.principal.is_group
      wanted    = g.roles
      granted   = local.role_of[join("+", g.roles)]
      propagate = g.propagate
    }
  }
}

output "folder_ids" {
  description = "The managed object ids of the VM folder (`vm`), the template folder (`templates`) and the folder of each user cluster (`vm/<cluster>`)."
  value       = merge(local.folder_ids, { for name, f in vsphere_folder.cluster : "vm/${name}" => f.id })
}

output "tag_category_ids" {
  description = "The tag category of each user cluster."
  value       = { for name, c in vsphere_tag_category.cluster : name => c.id }
}
