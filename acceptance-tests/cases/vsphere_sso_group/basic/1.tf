resource "vsphere_sso_group" "inner" {
  name = "inner"
}

# Names and domains in any case.
resource "vsphere_sso_group" "team" {
  name        = "team"
  description = "the team"

  member_user {
    name   = "Ann"
    domain = "VSPHERE.LOCAL"
  }
  member_user {
    name   = "carl"
    domain = "corp.example"
  }
  member_group {
    name   = vsphere_sso_group.inner.name
    domain = vsphere_sso_group.inner.domain
  }
}

data "vsphere_sso_group" "team" {
  name = vsphere_sso_group.team.name

  depends_on = [vsphere_sso_group.team]

  lifecycle {
    postcondition {
      condition = (
        self.id == vsphere_sso_group.team.id && self.description == "the team" &&
        toset(self.member_user[*].name) == toset(["carl", "ann"]) && one(self.member_group).name == "inner"
      )
      error_message = "the group differs"
    }
  }
}
