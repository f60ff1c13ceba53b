locals {
  addresses = 64
  password  = "hunter5"
  version   = "2"
  chain     = "PEM2"
}
