module "bucket" {
  source = "./modules/bucket"

  name         = "${var.name}-videos"
  region       = var.bucket_region
  cors_origins = var.cors_origins
}

resource "digitalocean_vpc" "pop" {
  for_each = var.pops

  name     = "${var.name}-${each.key}"
  region   = each.value.region
  ip_range = each.value.ip_range
}

module "cluster" {
  source   = "./modules/cluster"
  for_each = { for name, pop in var.pops : name => pop if pop.cluster != null }

  name           = "${var.name}-${each.key}"
  region         = each.value.region
  vpc_id         = digitalocean_vpc.pop[each.key].id
  version_prefix = each.value.cluster.version_prefix
  ha             = each.value.cluster.ha
  operators      = each.value.cluster.operators
  pools          = each.value.cluster.pools
  registry       = var.registry_tier != ""
}

module "edges" {
  source   = "./modules/edges"
  for_each = { for name, pop in var.pops : name => pop if pop.droplets != null }

  name          = "${var.name}-${each.key}"
  pop           = each.key
  region        = each.value.region
  vpc_id        = digitalocean_vpc.pop[each.key].id
  vpc_range     = each.value.ip_range
  edge_count    = each.value.droplets.count
  size          = each.value.droplets.size
  image         = "${var.image_repository}:${each.value.droplets.image_tag}"
  cache_memory  = each.value.droplets.cache_memory
  cache_disk    = each.value.droplets.cache_disk
  load_balancer = each.value.droplets.load_balancer
  domain        = var.domain
  operators     = var.operators
  ssh_key_names = var.ssh_key_names
  origin_url    = "s3://${module.bucket.name}/published"
  s3_endpoint   = module.bucket.endpoint
  s3_region     = var.bucket_region
  access_key    = module.bucket.read_access_key
  secret_key    = module.bucket.read_secret_key
}

resource "digitalocean_container_registry" "images" {
  count = var.registry_tier == "" ? 0 : 1

  name                   = var.name
  region                 = var.bucket_region
  subscription_tier_slug = var.registry_tier
}
