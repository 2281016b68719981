//! Writes a first Interface.

use crate::api::API_VERSION;
use crate::manifest::emit::flow_string;

/// The manifest of an Interface of this name, with one version and examples of all that an
/// Interface can define.
pub(in crate::cli) fn text(name: &str, namespace: Option<&str>) -> String {
    let metadata = super::metadata(name, namespace);
    let name = flow_string(name);
    format!(
        "apiVersion: {API_VERSION}
kind: Interface
metadata: {metadata}
spec:
  name: {name}
  description: What a workload that uses it needs. # write your own
  versions:
    - version: 1.0.0 # once it is published, add a version and leave this one as it is
      plug: # what a Plug hands to the Socket: a JSON Schema
        type: object
        properties:
          tenant: {{type: string, minLength: 1, description: for whom}}
      socket: # what a Socket hands to the Plug
        type: object
        required: [host, port, token]
        properties:
          host: {{type: string, minLength: 1, description: where it is}}
          port: {{type: integer, minimum: 1, maximum: 65535, default: 8080}}
          token: {{type: string, writeOnly: true, description: \"a secret, since it is writeOnly\"}}
          path: {{type: string, description: \"optional, since it is not in `required`\"}}
      examples: # `coupler check` proves each
        - plug: {{tenant: shop}}
          socket: {{host: {name}, port: 8080, token: secret}}
        - socket: {{port: 8080}}
          invalid: /socket # here this one must fail
"
    )
}
