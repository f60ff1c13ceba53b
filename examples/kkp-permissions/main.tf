# Kubermatic's roles on vSphere: created, and granted to the principals that need them on the objects where they need them.
#
# vSphere keeps one permission per principal and entity. Where the documents ask for two roles there, the module grants
# one role with the privileges of both; where these differ in propagation, it needs a group for each. README.md says how.

locals {
  presets = provider::vsphere::role_presets(var.kkp_doc)

  # vCenter adds these to every role: they make no difference between roles.
  implied    = ["System.Anonymous", "System.Read", "System.View"]
  privileges = { for name, role in local.presets : name => setsubtract(role.privileges, local.implied) }

  storage_kinds = ["seed", "ccm-csi"]
}

# The objects

data "vsphere_datacenter" "this" {
  name = var.datacenter
}

data "vsphere_compute_cluster" "this" {
  for_each      = toset(var.compute_clusters)
  name          = each.key
  datacenter_id = data.vsphere_datacenter.this.id
}

data "vsphere_network" "this" {
  for_each      = var.networks
  name          = each.key
  datacenter_id = data.vsphere_datacenter.this.id
}

data "vsphere_distributed_virtual_switch" "this" {
  for_each      = var.distributed_switches
  name          = each.key
  datacenter_id = data.vsphere_datacenter.this.id
}

data "vsphere_datastore" "this" {
  for_each      = var.datastores
  name          = each.key
  datacenter_id = data.vsphere_datacenter.this.id
}

data "vsphere_datastore_cluster" "this" {
  for_each      = var.datastore_clusters
  name          = each.key
  datacenter_id = data.vsphere_datacenter.this.id
}

data "vsphere_folder" "existing" {
  for_each = var.create_folders ? {} : local.folder_paths
  path     = "${local.datacenter_path}/vm/${each.value}"
}

resource "vsphere_folder" "created" {
  for_each      = var.create_folders ? { for key, path in local.folder_paths : key => path if !contains(local.nested, key) } : {}
  path          = each.value
  type          = "vm"
  datacenter_id = data.vsphere_datacenter.this.id
}

# One of the two folders is below the other one. The path alone does not make Terraform create the parent first.
resource "vsphere_folder" "nested" {
  for_each      = var.create_folders ? { for key, path in local.folder_paths : key => path if contains(local.nested, key) } : {}
  path          = each.value
  type          = "vm"
  datacenter_id = data.vsphere_datacenter.this.id

  depends_on = [vsphere_folder.created]
}

locals {
  datacenter_path = "/${trim(var.datacenter, "/")}"
  vm_folder       = trim(var.vm_folder, "/")
  folder_paths    = { vm = local.vm_folder, templates = trim(var.template_folder, "/") }
  nested          = [for key, path in local.folder_paths : key if anytrue([for other in local.folder_paths : startswith(path, "${other}/")])]
  folder_ids = {
    for key, _ in local.folder_paths :
    key => one(concat(
      [for k, f in vsphere_folder.created : f.id if k == key],
      [for k, f in vsphere_folder.nested : f.id if k == key],
      [for k, f in data.vsphere_folder.existing : f.id if k == key],
    ))
  }

  entities = merge(
    { "vcenter" = { id = "root", type = "Folder" } },
    { "datacenter" = { id = data.vsphere_datacenter.this.id, type = "Datacenter" } },
    { for k, v in data.vsphere_compute_cluster.this : "cluster/${k}" => { id = v.id, type = "ClusterComputeResource" } },
    { for k, v in data.vsphere_network.this : "network/${k}" => { id = v.id, type = v.type } },
    { for k, v in data.vsphere_distributed_virtual_switch.this : "switch/${k}" => { id = v.id, type = "VmwareDistributedVirtualSwitch" } },
    { for k, v in data.vsphere_datastore.this : "datastore/${k}" => { id = v.id, type = "Datastore" } },
    { for k, v in data.vsphere_datastore_cluster.this : "datastore-cluster/${k}" => { id = v.id, type = "StoragePod" } },
    { for k, v in local.folder_ids : "folder/${k}" => { id = v, type = "Folder" } },
    { for k, v in vsphere_folder.cluster : "folder/vm/${k}" => { id = v.id, type = "Folder" } },
  )

  # What the documents call an object, as keys of local.entities. "VM Folder" depends on who asks: see local.wanted.
  objects = {
    "vCenter (root folder)"                                  = ["vcenter"]
    "Datacenter"                                             = ["datacenter"]
    "Cluster"                                                = [for k in var.compute_clusters : "cluster/${k}"]
    "each network that should be used"                       = [for k in var.networks : "network/${k}"]
    "distributed switch of each network that should be used" = [for k in var.distributed_switches : "switch/${k}"]
    "Datastore"                                              = [for k in var.datastores : "datastore/${k}"]
    "Datastore cluster"                                      = [for k in var.datastore_clusters : "datastore-cluster/${k}"]
    "Template Folder"                                        = ["folder/templates"]
  }
}

# The grants, as the documents want them

locals {
  # Who serves which purpose, and in which folder: everywhere, or for one user cluster.
  users = concat(
    [{ purpose = "infra", user = var.infra_user, vm_folder = "folder/vm" }],
    [{ purpose = "storage", user = var.shared_credentials ? var.infra_user : var.storage_user, vm_folder = "folder/vm" }],
    [for name, c in var.clusters : { purpose = "infra", user = c.infra_user, vm_folder = "folder/vm/${name}" } if c.infra_user != null],
    [
      for name, c in var.clusters :
      { purpose = "storage", user = var.shared_credentials ? c.infra_user : c.storage_user, vm_folder = "folder/vm/${name}" }
      if(var.shared_credentials ? c.infra_user : c.storage_user) != null
    ],
  )

  # One line per user, role and entity.
  lines = flatten([
    for u in local.users : [
      for name, role in local.presets : [
        for grant in role.grants : [
          for entity in grant.object == "VM Folder" ? [u.vm_folder] : local.objects[grant.object] : {
            user      = u.user
            principal = lookup(var.principal_per_role, name, u.user)
            role      = name
            entity    = entity
            propagate = grant.propagate == null ? var.propagate_networks : grant.propagate
          }
        ]
      ] if contains(local.storage_kinds, role.user_kind) == (u.purpose == "storage")
    ]
  ])

  # DOMAIN\user and user@domain are one principal, and case makes no difference: `key` is the same for both.
  wanted = [
    for l in local.lines : merge(l, {
      key = join("", [lower(join("@", reverse(split("\\", l.principal.name)))), l.principal.is_group ? " (group)" : ""])
    })
  ]
}

# One permission per principal and entity

locals {
  # A permission propagates, or it does not. Where roles with and without propagation meet, and the ones without hold more
  # than the others, one permission cannot replace both: by "entity principal".
  meeting = { for w in local.wanted : "${w.entity} ${w.key}" => w... }
  mixed = [
    for place, lines in local.meeting : place
    if anytrue(lines[*].propagate) && length(setsubtract(
      setunion([], [for l in lines : local.privileges[l.role] if !l.propagate]...),
      setunion([], [for l in lines : local.privileges[l.role] if l.propagate]...),
    )) > 0
  ]

  # `two_roles = "objects"`: nothing propagates there, and the roles that are to propagate are granted on the objects where
  # the principal has a role anyway. They cannot be granted on the folders directly below a datacenter: vCenter refuses it.
  below = {
    for w in local.wanted : w.key => w.entity...
    if !contains(["vcenter", "datacenter"], w.entity)
  }
  lines_granted = concat(
    [for w in local.wanted : merge(w, { propagate = w.propagate && !contains(local.mixed, "${w.entity} ${w.key}") })],
    flatten([
      for place in local.mixed : [
        for l in local.meeting[place] : [
          for entity in distinct(lookup(local.below, l.key, [])) :
          merge(l, { entity = entity, propagate = anytrue(local.meeting["${entity} ${l.key}"][*].propagate) })
        ] if l.propagate
      ]
    ]),
  )

  # What comes together in one place, without what the module of another datacenter has granted on the vCenter itself.
  places = {
    for l in local.lines_granted : "${l.entity} ${l.key}" => l...
    if !(l.entity == "vcenter" && contains(keys(var.first == null ? {} : var.first.grants), "${l.entity} ${l.key}"))
  }

  grants = {
    for place, lines in local.places : place => {
      entity    = lines[0].entity
      principal = lines[0].principal
      roles     = sort(distinct(lines[*].role))
      propagate = anytrue(lines[*].propagate)
    }
  }

  # On one entity, the permission of a user takes precedence over those of the user's groups: either all of the user's
  # roles there have groups, or none has.
  own_and_group = distinct([
    for w in local.wanted : "${w.user.name} on ${w.entity}"
    if w.principal.name != w.user.name && anytrue([
      for o in local.wanted : o.entity == w.entity && o.user.name == w.user.name && o.principal.name == w.user.name
    ])
  ])

  # The role for each combination that some place needs: without the roles that another one covers, joined by "+". What
  # is left is one role of the document where one holds all the privileges, else a role to be made.
  role_of = {
    for roles in distinct([for g in local.grants : g.roles]) : join("+", roles) => join("+", [
      for r in roles : r if !anytrue([
        for s in roles : (
          length(setsubtract(local.privileges[r], local.privileges[s])) == 0 &&
          (length(local.privileges[s]) > length(local.privileges[r]) || index(roles, s) < index(roles, r))
        )
      ])
    ])
  }
  merged = toset([for name in local.role_of : name if !contains(keys(local.presets), name)])
}

# The roles, unless the module of another datacenter has made them

locals {
  first_roles = var.first == null ? {} : var.first.role_ids
}

resource "vsphere_role" "this" {
  for_each = { for name, role in local.presets : name => role if !role.predefined && !contains(keys(local.first_roles), name) }

  name                      = "${var.role_prefix}${each.key}"
  role_privileges           = each.value.privileges
  ignore_unknown_privileges = var.ignore_unknown_privileges

  # Another edition has other roles: the permissions change over before a role goes.
  lifecycle {
    create_before_destroy = true
  }
}

resource "vsphere_role" "merged" {
  for_each = toset([for name in local.merged : name if !contains(keys(local.first_roles), name)])

  name                      = "${var.role_prefix}${each.key}"
  role_privileges           = provider::vsphere::merge_privileges([for r in split("+", each.key) : local.privileges[r]]...)
  ignore_unknown_privileges = var.ignore_unknown_privileges

  lifecycle {
    create_before_destroy = true
  }
}

data "vsphere_role" "predefined" {
  for_each = toset([for name, role in local.presets : name if role.predefined])
  label    = each.key
}

locals {
  role_ids = merge(
    local.first_roles,
    { for name, r in vsphere_role.this : name => r.id },
    { for name, r in data.vsphere_role.predefined : name => r.id },
    { for name, r in vsphere_role.merged : name => r.id },
  )
}

# The permissions. Other people's on the same objects are not touched.

resource "vsphere_entity_permission" "this" {
  for_each = local.grants

  entity_id     = local.entities[each.value.entity].id
  entity_type   = local.entities[each.value.entity].type
  user_or_group = each.value.principal.name
  is_group      = each.value.principal.is_group
  role_id       = local.role_ids[local.role_of[join("+", each.value.roles)]]
  propagate     = each.value.propagate

  lifecycle {
    precondition {
      condition     = var.two_roles == "objects" || !contains(local.mixed, each.key)
      error_message = "On ${each.value.entity}, ${each.value.principal.name} needs ${join(" and ", each.value.roles)}, of which some propagate and others do not, and vSphere keeps one permission for one principal on one entity. Name a group for each of these roles in principal_per_role and put the user into the groups, or set two_roles = \"objects\"."
    }
    precondition {
      condition     = length(local.own_and_group) == 0
      error_message = "A user's own permission takes precedence over those of the user's groups on the same entity. Name a group in principal_per_role for every role that meets there, or for none: ${join(", ", local.own_and_group)}."
    }
  }
}

# User clusters: a folder, a tag category and tags

resource "vsphere_folder" "cluster" {
  for_each = var.clusters

  path          = "${local.vm_folder}/${each.key}"
  type          = "vm"
  datacenter_id = data.vsphere_datacenter.this.id

  # The path alone does not make Terraform create the parent first.
  depends_on = [vsphere_folder.created, vsphere_folder.nested]
}

# One category per user cluster, shared with nothing else: KKP deletes the tags that it finds there with the cluster.
resource "vsphere_tag_category" "cluster" {
  for_each = var.clusters

  name             = "${var.role_prefix}kkp-${each.key}"
  description      = "Tags of the user cluster ${each.key}"
  cardinality      = "MULTIPLE"
  associable_types = ["Folder", "VirtualMachine"]
}

locals {
  tags = merge([for name, c in var.clusters : { for tag in c.tags : "${name}/${tag}" => { cluster = name, tag = tag } }]...)
}

resource "vsphere_tag" "cluster" {
  for_each = local.tags

  name        = each.value.tag
  category_id = vsphere_tag_category.cluster[each.value.cluster].id
}

resource "vsphere_tag_attachment" "cluster" {
  for_each = local.tags

  tag_id      = vsphere_tag.cluster[each.key].id
  object_id   = vsphere_folder.cluster[each.value.cluster].id
  object_type = "Folder"
}

# Checks

# Outside the check: a data source inside it is read again at every apply, so that a plan would never be empty.
data "vsphere_about" "this" {}

check "vcenter_version" {
  assert {
    condition = !contains(["kkp-001", "kkp-v2.26"], var.kkp_doc) || tonumber(join("", [
      for part in slice(concat(split(".", data.vsphere_about.this.api_version), ["0", "0"]), 0, 3) : format("%04d", tonumber(part))
    ])) >= 700000002
    error_message = "The roles of ${var.kkp_doc} are for vSphere 7.0.2 and later; this vCenter's API is ${data.vsphere_about.this.api_version}."
  }
}

locals {
  # What each user must be able to do, with or without groups in between: by user and set of privileges.
  needed = {
    for w in local.wanted : "${w.user.name} ${w.entity}" => w... if !w.user.is_group
  }
  questions = {
    for q in [
      for place, lines in local.needed : {
        user       = lines[0].user.name
        roles      = join("+", sort(distinct(lines[*].role)))
        privileges = provider::vsphere::merge_privileges([for l in lines : local.privileges[l.role]]...)
        entity     = lines[0].entity
      }
    ] : "${q.user} ${q.roles}" => q... if length(q.privileges) > 0
  }
}

data "vsphere_privileges" "known" {
  count = var.check_privileges ? 1 : 0
}

data "vsphere_user_privileges" "this" {
  for_each = var.check_privileges ? local.questions : {}

  user       = each.value[0].user
  privileges = var.ignore_unknown_privileges ? setintersection(each.value[0].privileges, data.vsphere_privileges.known[0].ids) : each.value[0].privileges

  dynamic "entity" {
    for_each = toset(each.value[*].entity)
    content {
      entity_id   = local.entities[entity.key].id
      entity_type = local.entities[entity.key].type
    }
  }

  depends_on = [vsphere_entity_permission.this]
}

check "nothing_is_missing" {
  assert {
    condition = alltrue([for d in data.vsphere_user_privileges.this : d.complete])
    error_message = join("\n", concat(["Privileges are missing:"], flatten([
      for d in data.vsphere_user_privileges.this : [
        for entity, missing in d.missing : "${d.user} on ${entity}: ${join(", ", missing)}" if length(missing) > 0
      ]
    ])))
  }
}
