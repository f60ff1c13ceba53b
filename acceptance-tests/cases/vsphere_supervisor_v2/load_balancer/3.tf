locals {
  host = "10.0.0.21"
}
