# A URL, the output of openssl, and values that vSphere does not have.
resource "vsphere_host" "h" {
  cluster    = "{{moid /DC0/host/DC0_C0}}"
  hostname   = "https://esx1.example.com"
  username   = "root"
  password   = "x"
  thumbprint = "SHA1 Fingerprint=AA:BB"
  lockdown   = "locked"

  services {
    ntpd {
      policy = "always"
    }
  }
}
