locals {
  names = ["c", "b"]
}
