data "vsphere_tag_category" "team" {
  name = "team"
}

output "one_team_per_object" {
  value = data.vsphere_tag_category.team.cardinality == "SINGLE"
}
