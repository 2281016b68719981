//! Manifests that schema, decoder and a real API server (`tests/it/cluster/crds.rs`) must judge
//! alike.

/// What CRD and decoder must both say.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verdict {
    Good,
    /// Refused by the structural schema.
    Bad,
    /// Refused by an API server alone: by the CEL rule with this message, or by `unique KEY` of a
    /// list-map.
    Rule(&'static str),
}
use Verdict::{Bad, Good, Rule};

const ONE_SELECTOR: Verdict = Rule("must have exactly one of name, matchLabels");
const ONE_SOURCE: Verdict = Rule("must have exactly one of secretRef, configMapRef, objectRef");

/// A kind, its `spec`, the verdict.
#[rustfmt::skip]
const SPECS: &[(&str, &str, Verdict)] = &[
    // Interface
    ("Interface", "{name: a, versions: [{version: 1.0.0}]}", Good),
    ("Interface", "{name: a-1, description: x, versions: [{version: 0.1.0, deprecated: old}, {version: 10.20.30}]}", Good),
    ("Interface", "{name: a, versions: [{version: 1.0.0, plug: {}, socket: {type: object, x: [1, null]}}]}", Good),
    ("Interface", "{name: a, versions: [{version: 1.0.0, examples: [{plug: {a: 1}, invalid: /plug/a}, {}]}]}", Good),
    ("Interface", "{name: a, versions: [{version: 1.0.0, examples: [{socket: {}, invalid: /socket}]}]}", Good),
    ("Interface", "{}", Bad),
    ("Interface", "{versions: [{version: 1.0.0}]}", Bad),
    ("Interface", "{name: a}", Bad),
    ("Interface", "{name: a, versions: []}", Bad),
    ("Interface", "{name: a, versions: {version: 1.0.0}}", Bad),
    ("Interface", "{name: A, versions: [{version: 1.0.0}]}", Bad),
    ("Interface", "{name: 1a, versions: [{version: 1.0.0}]}", Bad),
    ("Interface", "{name: a-, versions: [{version: 1.0.0}]}", Bad),
    ("Interface", "{name: a.b, versions: [{version: 1.0.0}]}", Bad),
    ("Interface", "{name: '', versions: [{version: 1.0.0}]}", Bad),
    ("Interface", "{name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, versions: [{version: 1.0.0}]}", Bad),
    ("Interface", "{name: a, versions: [{}]}", Bad),
    ("Interface", "{name: a, versions: [{version: 1.0}]}", Bad),
    ("Interface", "{name: a, versions: [{version: '1.0'}]}", Bad),
    ("Interface", "{name: a, versions: [{version: 01.0.0}]}", Bad),
    ("Interface", "{name: a, versions: [{version: 1.0.0-rc.1}]}", Bad),
    ("Interface", "{name: a, versions: [{version: 1234567890.0.0}]}", Bad),
    ("Interface", "{name: a, versions: [{version: 1.0.0}, {version: 1.0.0}]}", Rule("unique version")),
    ("Interface", "{name: a, versions: [{version: 1.0.0, plug: true}]}", Bad),
    ("Interface", "{name: a, versions: [{version: 1.0.0, socket: []}]}", Bad),
    ("Interface", "{name: a, versions: [{version: 1.0.0, example: []}]}", Bad),
    ("Interface", "{name: a, versions: [{version: 1.0.0, deprecated: true}]}", Bad),
    ("Interface", "{name: a, versions: [{version: 1.0.0, examples: [{plug: 1}]}]}", Bad),
    ("Interface", "{name: a, versions: [{version: 1.0.0, examples: [{plug: {}, invalid: plug/a}]}]}", Bad),
    ("Interface", "{name: a, versions: [{version: 1.0.0, examples: [{plug: {}, invalid: /plugs}]}]}", Bad),
    ("Interface", "{name: a, version: 1.0.0, versions: [{version: 1.0.0}]}", Bad),
    // Socket
    ("Socket", "{interface: {name: a, versions: [1.0.0]}}", Good),
    ("Socket", "{name: a.b-c, interface: {name: a, versions: [1.0.0, 2.0.0]}}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s}}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s, port: 5432}}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s, port: http2-a}}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, config: {a: null, b: [1, {c: 2.5}], c: {}}}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [], config: {}}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{secretRef: {name: s}, keys: {a: b}}]}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{configMapRef: {name: <% plug.name %>-x}, keys: {a: b}}]}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{objectRef: {apiVersion: v1, kind: Service, name: s}, keys: {port: 'spec.ports[0].port'}}]}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, secretNamespace: Plug, allow: {namespaces: ['*', team-*, shop]}}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, allow: {namespaces: []}}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, config: {a: on, b: 0777, on: 2001-01-01}}", Good),
    ("Socket", "{}", Bad),
    ("Socket", "{interface: a}", Bad),
    ("Socket", "{interface: {name: a}}", Bad),
    ("Socket", "{interface: {versions: [1.0.0]}}", Bad),
    ("Socket", "{interface: {name: a, version: 1.0.0}}", Bad),
    ("Socket", "{interface: {name: a, versions: 1.0.0}}", Bad),
    ("Socket", "{interface: {name: a, versions: []}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0, 1.0.0]}}", Bad),
    ("Socket", "{interface: {name: a, versions: ['1']}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, name: a_b}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, name: a..b}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: s}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: 1s-a}}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s.shop}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s.shop.svc}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: S}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s-}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s, port: 0}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s, port: 65536}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s, port: 1.5}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s, port: '5432'}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s, port: a--b}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s, port: -a}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s, port: a-}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s, port: null}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, service: {name: s, port: sixteen-letters-}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, config: []}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, config: }", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: {secretRef: {name: s}, keys: {a: b}}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{secretRef: {name: s}}]}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{secretRef: {name: s}, keys: {}}]}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{secretRef: {name: s}, keys: [a]}]}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{secretRef: {name: s}, keys: {a: 1}}]}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{secretRef: {name: s}, keys: {a: ''}}]}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{secretRef: s, keys: {a: b}}]}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{secretRef: {}, keys: {a: b}}]}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{secretRef: {name: s, namespace: ns}, keys: {a: b}}]}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{objectRef: {kind: Service, name: s}, keys: {a: b}}]}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{keys: {a: b}}]}", ONE_SOURCE),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, configFrom: [{secretRef: {name: s}, configMapRef: {name: s}, keys: {a: b}}]}", ONE_SOURCE),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, secretNamespace: plug}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, secretNamespace: true}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, allow: {}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, allow: [shop]}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, allow: {namespaces: '*'}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, allow: {namespaces: [Shop]}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, allow: {namespaces: [a, a]}}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, provider: x}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, provider: ''}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, supplier: x}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, resources: [{name: a, manifest: {}}, {name: b, namespace: Socket, manifest: {}}, {name: c, namespace: Plug, manifest: {}}, {name: d, namespace: None, manifest: {}}]}", Good),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, resources: [{name: a, namespace: shop, manifest: {}}]}", Bad),
    ("Socket", "{interface: {name: a, versions: [1.0.0]}, resources: {name: a, manifest: {}}}", Bad),
    // Plug
    ("Plug", "{interface: {name: a}, workloads: [{name: w}]}", Good),
    ("Plug", "{interface: {name: a, version: '1'}, workloads: [{name: w, kind: Job, apiVersion: batch/v1}]}", Good),
    ("Plug", "{interface: {name: a, version: '1.2'}, workloads: [{matchLabels: {app: w, empty: ''}}]}", Good),
    ("Plug", "{interface: {name: a, version: 1.2.3}, workloads: [{name: w, containers: [a, b]}]}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w, containers: ['*']}, {name: w, containers: []}]}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], name: db-1, optional: true, suspend: false}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], socket: {name: a.b, namespace: data}}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], socket: {matchLabels: {tier: gold}}}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], config: {a: '<% plug.name %>'}, bind: {}}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: [{name: A.b-c_1, key: k}, {name: _B, value: '', replace: true}]}}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: []}}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {}}}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: [{name: A, file: f}], files: {mountPath: /etc/db/, items: [{path: ..a/.b/c...d, key: k, mode: '0400'}, {path: c, value: ''}]}}}", Good),
    ("Plug", "{interface: {name: a}, bind: {fields: [{objectRef: {apiVersion: v1, kind: K, name: o}, path: 'spec.a[0][b=c].d', key: k, replace: true}]}}", Good),
    ("Plug", "{interface: {name: a}, bind: {env: [], fields: [{objectRef: {apiVersion: v1, kind: K, name: o}, path: a, value: [1, {b: '<% plug.name %>'}]}]}}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {}, fields: [{objectRef: {apiVersion: v1, kind: K, name: o}, path: a, secretNameOf: k}, {objectRef: {apiVersion: v1, kind: K, name: o}, path: b, secretKeyOf: k}]}}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: [{name: A, key: k, expect: ''}]}}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: [{name: A, key: k, expect: 1}]}}", Bad),
    ("Plug", "{interface: {name: a}, bind: {fields: [{objectRef: {apiVersion: v1, kind: K, name: o}, path: 'a[+]', key: k}, {objectRef: {apiVersion: v1, kind: K, name: o}, path: a, key: k, replace: true, expect: x}]}}", Good),
    ("Plug", "{interface: {name: a}, bind: {fields: [{objectRef: {apiVersion: v1, kind: K, name: o}, path: a, key: k, expect: [x]}]}}", Bad),
    ("Plug", "{interface: {name: a}, bind: {}}", Bad),
    ("Plug", "{interface: {name: a}, bind: {fields: []}}", Bad),
    ("Plug", "{interface: {name: a}, bind: {files: {}, fields: [{objectRef: {apiVersion: v1, kind: K, name: o}, path: a, key: k}]}}", Bad),
    ("Plug", "{interface: {name: a}, bind: {env: [{name: A, key: k}], fields: [{objectRef: {apiVersion: v1, kind: K, name: o}, path: a, key: k}]}}", Bad),
    ("Plug", "{interface: {name: a}, bind: {fields: [{path: a, key: k}]}}", Bad),
    ("Plug", "{interface: {name: a}, bind: {fields: [{objectRef: {apiVersion: v1, kind: K}, path: a, key: k}]}}", Bad),
    ("Plug", "{interface: {name: a}, bind: {fields: [{objectRef: {apiVersion: v1, kind: K, name: o}, key: k}]}}", Bad),
    ("Plug", "{interface: {name: a}, bind: {fields: [{objectRef: {apiVersion: v1, kind: K, name: o}, path: '', key: k}]}}", Bad),
    ("Plug", "{interface: {name: a}, bind: {fields: [{objectRef: {apiVersion: v1, kind: K, name: o}, path: a}]}}", Bad),
    ("Plug", "{interface: {name: a}, bind: {fields: [{objectRef: {apiVersion: v1, kind: K, name: o}, path: a, key: k, secretNameOf: k}]}}", Bad),
    ("Plug", "{interface: {name: a}, bind: {fields: [{objectRef: {apiVersion: v1, kind: K, name: o}, path: a, key: k, value: x}]}}", Bad),
    ("Plug", "{interface: {name: a}, resources: [{name: r, manifest: {}}]}", Good),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], resources: [{name: r-1, namespace: Plug, manifest: {a: [1, null]}}, {name: 2s, namespace: None, if: '<% true %>', manifest: {kind: K}}]}", Good),
    ("Plug", "{interface: {name: a}, bind: {env: []}, resources: [{name: r, manifest: {}}]}", Good),
    ("Plug", "{interface: {name: a}, bind: {env: [{name: A, key: k}]}, resources: [{name: r, manifest: {}}]}", Bad),
    ("Plug", "{interface: {name: a}, bind: {files: {}}, resources: [{name: r, manifest: {}}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], resources: []}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], resources: [{manifest: {}}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], resources: [{name: r}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], resources: [{name: R, manifest: {}}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], resources: [{name: r, manifest: text}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], resources: [{name: r, manifest: {}, namespace: Socket}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], resources: [{name: r, manifest: {}, if: true}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], resources: [{name: r, manifest: {}, when: x}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], resources: [{name: r, manifest: {}}, {name: r, manifest: {}}]}", Rule("unique name")),
    ("Plug", "{interface: {name: a}}", Bad),
    ("Plug", "{workloads: [{name: w}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: []}", Bad),
    ("Plug", "{interface: {name: a}, workloads: {name: w}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [w]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{}]}", ONE_SELECTOR),
    ("Plug", "{interface: {name: a}, workloads: [{name: w, matchLabels: {a: b}}]}", ONE_SELECTOR),
    ("Plug", "{interface: {name: a}, workloads: [{matchLabels: {}}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{matchLabels: {a: 1}}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w, container: a}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w, containers: a}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w, containers: [a, a]}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w, containers: ['a*']}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w, containers: ['*', a]}]}", Rule("must be names, or `*` alone")),
    ("Plug", "{interface: {name: a, version: 1}, workloads: [{name: w}]}", Bad),
    ("Plug", "{interface: {name: a, version: ^1.2}, workloads: [{name: w}]}", Bad),
    ("Plug", "{interface: {name: a, version: '1.2.3.4'}, workloads: [{name: w}]}", Bad),
    ("Plug", "{interface: {name: a, version: ''}, workloads: [{name: w}]}", Bad),
    ("Plug", "{interface: {name: ''}, workloads: [{name: w}]}", Bad),
    ("Plug", "{interface: {name: a, versions: [1.0.0]}, workloads: [{name: w}]}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], name: My_db}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], socket: {}}", ONE_SELECTOR),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], socket: mongo}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], socket: {name: a, matchLabels: {a: b}}}", ONE_SELECTOR),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], socket: {matchLabels: {a: b}, namespace: ns}}", Rule("namespace needs name")),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], socket: {name: a, namespace: A}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], socket: {name: a, namespace: ''}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], optional: 'true'}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], suspend: 1}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: []}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: {A: k}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: [{key: k}]}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: [{name: A}]}}", Rule("must have exactly one of key, value, file")),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: [{name: A, key: k, value: v}]}}", Rule("must have exactly one of key, value, file")),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: [{name: A, key: k}, {name: A, key: l}]}}", Rule("unique name")),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: [{name: 1A, key: k}]}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: [{name: A B, key: k}]}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: [{name: A, value: 1}]}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {env: [{name: A, file: f, key: k}]}}", Rule("must have exactly one of key, value, file")),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: []}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {items: []}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {mountPath: etc}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {mountPath: /}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {mountPath: /a//b}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {mountPath: /a/..}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {mountPath: '/a:b'}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {items: [{key: k}]}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {items: [{path: p}]}}}", Rule("must have exactly one of key, value")),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {items: [{path: p, key: k}, {path: p, key: l}]}}}", Rule("unique path")),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {items: [{path: ../p, key: k}]}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {items: [{path: a/../p, key: k}]}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {items: [{path: /p, key: k}]}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {items: [{path: p/, key: k}]}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {items: [{path: 'a\\b', key: k}]}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {items: [{path: p, key: k, mode: 0400}]}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {items: [{path: p, key: k, mode: '0800'}]}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], bind: {files: {items: [{path: p, key: k, mode: '4755'}]}}}", Bad),
    ("Plug", "{interface: {name: a}, workloads: [{name: w}], configFrom: [{objectRef: {apiVersion: v1, kind: '', name: s}, keys: {a: b}}]}", Bad),
    // Coupler
    ("Coupler", "{}", Good),
    ("Coupler", "{namespace: shop, catalog: [../a, b], integrations: local-config, orphans: undo, discardEdits: true, strict: false}", Good),
    ("Coupler", "{integrations: drop, orphans: refuse}", Good),
    ("Coupler", "{namespace: Shop}", Bad),
    ("Coupler", "{catalog: ../a}", Bad),
    ("Coupler", "{catalog: [a, a]}", Bad),
    ("Coupler", "{catalog: ['']}", Bad),
    ("Coupler", "{integrations: omit}", Bad),
    ("Coupler", "{orphans: true}", Bad),
    ("Coupler", "{strict: 'yes'}", Bad),
    ("Coupler", "{discard-edits: true}", Bad),
    ("Coupler", "[]", Bad),
];

/// Whole objects: kind for the schema, text, verdict.
#[rustfmt::skip]
const OBJECTS: &[(&str, &str, Verdict)] = &[
    ("Coupler", "{apiVersion: integration.rock8s.com/v1, kind: Coupler}", Good),
    ("Coupler", "{apiVersion: integration.rock8s.com/v1, kind: Coupler, metadata: {nme: x}}", Bad),
    ("Coupler", "{apiVersion: integration.rock8s.com/v1, kind: Coupler, spec: }", Bad),
    ("Plug", "{apiVersion: integration.rock8s.com/v1, kind: Plug, metadata: {name: a}}", Bad),
    ("Plug", "{apiVersion: integration.rock8s.com/v1, kind: Plug, spec: {interface: {name: a}, workloads: [{name: w}]}}", Bad),
    ("Plug", "{apiVersion: integration.rock8s.com/v1beta1, kind: Plug, metadata: {name: a}, spec: {interface: {name: a}, workloads: [{name: w}]}}", Bad),
    ("Plug", "{apiVersion: integration.rock8s.com/v1, kind: plug, metadata: {name: a}, spec: {interface: {name: a}, workloads: [{name: w}]}}", Bad),
    ("Plug", "{apiVersion: integration.rock8s.com/v1, metadata: {name: a}, spec: {interface: {name: a}, workloads: [{name: w}]}}", Bad),
    ("Plug", "{kind: Plug, metadata: {name: a}, spec: {interface: {name: a}, workloads: [{name: w}]}}", Bad),
    ("Plug", "{apiVersion: integration.rock8s.com/v1, kind: Plug, metadata: {name: a}, spec: }", Bad),
    ("Plug", "{apiVersion: integration.rock8s.com/v1, kind: Plug, metadata: {name: a}, status: {}, spec: {interface: {name: a}, workloads: [{name: w}]}}", Bad),
    ("Plug", "[]", Bad),
    ("Plug", "text", Bad),
];

/// `metadata` of an otherwise good Plug.
const METADATA_CASES: &[(&str, Verdict)] = &[
    (
        "{name: a.b-c, namespace: shop, labels: {a: b}, annotations: {a/b: c}}",
        Good,
    ),
    ("{name: a, namespace: , labels: , annotations: }", Good),
    ("{name: a, namespace: ''}", Good),
    (
        "{name: a, uid: x, creationTimestamp: null, managedFields: [{}], finalizers: [x]}",
        Good,
    ),
    ("{}", Bad),
    ("{generateName: a-}", Bad),
    ("{name: A}", Bad),
    ("{name: 5}", Bad),
    ("{name: }", Bad),
    ("{name: a, namespace: a.b}", Bad),
    ("{name: a, namespace: 1}", Bad),
    ("{name: a, label: {}}", Bad),
    ("{name: a, labels: {a: 1}}", Bad),
    ("{name: a, labels: [a]}", Bad),
    (
        "{name: a, annotations: {integration.rock8s.com/catalog: true}}",
        Bad,
    ),
    ("a", Bad),
];

/// Every case: a kind, a manifest, the verdict.
pub(crate) fn cases() -> Vec<(&'static str, String, Verdict)> {
    let good = "{interface: {name: a}, workloads: [{name: w}]}";
    let object = |kind: &str, metadata: &str, spec: &str| {
        format!(
            "apiVersion: integration.rock8s.com/v1\nkind: {kind}\nmetadata: {metadata}\nspec: {spec}\n"
        )
    };
    let mut cases = Vec::new();
    cases.extend(
        SPECS
            .iter()
            .map(|(kind, spec, verdict)| (*kind, object(kind, "{name: a}", spec), *verdict)),
    );
    cases.extend(
        OBJECTS
            .iter()
            .map(|(kind, text, verdict)| (*kind, format!("{text}\n"), *verdict)),
    );
    cases.extend(
        METADATA_CASES
            .iter()
            .map(|(metadata, verdict)| ("Plug", object("Plug", metadata, good), *verdict)),
    );
    for (count, verdict) in [(32, Good), (33, Bad)] {
        let list = vec!["{name: w}"; count].join(", ");
        cases.push((
            "Plug",
            object(
                "Plug",
                "{name: a}",
                &format!("{{interface: {{name: a}}, workloads: [{list}]}}"),
            ),
            verdict,
        ));
    }
    cases
}
