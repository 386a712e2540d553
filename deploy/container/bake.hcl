# docker buildx bake -f deploy/container/bake.hcl          both architectures, to the registry with --push
# docker buildx bake -f deploy/container/bake.hcl local    this machine's, into Docker here
# VERSION and REVISION are the commit; SOURCE_DATE_EPOCH its time, so that the same commit gives the same layers.
variable "IMAGE" {
  default = "ghcr.io/example/eddy"
}

variable "VERSION" {
  default = "0.1.0"
}

variable "REVISION" {
  default = "unknown"
}

variable "SOURCE_DATE_EPOCH" {
  default = "0"
}

# By digest where it is known: node:20.20.2-bookworm-slim@sha256:…
variable "NODE_IMAGE" {
  default = "node:20.20.2-bookworm-slim"
}

group "default" {
  targets = ["eddy"]
}

target "eddy" {
  context    = "."
  dockerfile = "deploy/container/Dockerfile"
  platforms  = ["linux/amd64", "linux/arm64"]
  tags       = ["${IMAGE}:${VERSION}"]

  args = {
    VERSION           = VERSION
    REVISION          = REVISION
    SOURCE_DATE_EPOCH = SOURCE_DATE_EPOCH
    NODE_IMAGE        = NODE_IMAGE
  }

  attest = [
    "type=provenance,mode=max",
    "type=sbom",
  ]

  # Files in layers are dated by SOURCE_DATE_EPOCH too, and not by when they were copied.
  output = ["type=image,rewrite-timestamp=true"]
}

target "local" {
  inherits  = ["eddy"]
  platforms = []
  attest    = []
  output    = ["type=docker"]
}
