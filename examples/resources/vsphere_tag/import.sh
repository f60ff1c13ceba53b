# By the names of category and tag, as JSON.
terraform import 'vsphere_tag.team["web"]' '{"category_name": "team", "tag_name": "web"}'
