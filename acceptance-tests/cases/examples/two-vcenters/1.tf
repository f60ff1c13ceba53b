module "both" {
  source = "{{root}}/examples/two-vcenters"

  vcenters = {
    berlin = { server = "{{server}}", user = "{{user}}", allow_unverified_ssl = true }
    munich = { server = "{{server2}}", user = "{{user}}", allow_unverified_ssl = true }
  }
  passwords = { berlin = "{{password}}", munich = "{{password}}" }
}
