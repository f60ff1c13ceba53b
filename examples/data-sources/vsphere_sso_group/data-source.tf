data "vsphere_sso_group" "administrators" {
  name = "Administrators"
}

output "administrators" {
  value = [for member in data.vsphere_sso_group.administrators.member_user : "${member.name}@${member.domain}"]
}
