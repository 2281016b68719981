//! Defines the built-in Adapters, as text that is read when an object of their kind is in the
//! input.

use super::{Adapter, Defaults, OwnObject, decode};
use crate::diagnostic::Findings;
use crate::manifest::{Place, Tree};

/// A built-in Adapter, of which nothing was read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltInAdapter {
    /// `metadata.name`
    pub name: &'static str,
    /// The group of the objects that it is for.
    pub group: &'static str,
    /// Their kind.
    pub kind: &'static str,
    /// The version of coupler since which it is there.
    pub since: &'static str,
    /// Its manifest.
    pub manifest: &'static str,
}

macro_rules! built_in {
    ($($name:literal $group:literal $kind:literal $since:literal,)*) => {
        /// By name.
        static ADAPTERS: &[BuiltInAdapter] = &[$(BuiltInAdapter {
            name: $name,
            group: $group,
            kind: $kind,
            since: $since,
            manifest: include_str!(concat!("adapters/", $name, ".yaml")),
        },)*];
    };
}

built_in! {
    "ack-rds-db-instance-mysql" "rds.services.k8s.aws" "DBInstance" "0.1.0",
    "ack-rds-db-instance-postgresql" "rds.services.k8s.aws" "DBInstance" "0.1.0",
    "cert-manager-certificate" "cert-manager.io" "Certificate" "0.1.0",
    "cloudnative-pg" "postgresql.cnpg.io" "Cluster" "0.1.0",
    "cloudnative-pg-database" "postgresql.cnpg.io" "Database" "0.1.0",
    "cloudnative-pg-pooler" "postgresql.cnpg.io" "Pooler" "0.1.0",
    "config-connector-sql-user" "sql.cnrm.cloud.google.com" "SQLUser" "0.1.0",
    "crossplane-postgresql-role" "postgresql.sql.m.crossplane.io" "Role" "0.1.0",
    "crossplane-rds-cluster-mysql" "rds.aws.m.upbound.io" "Cluster" "0.1.0",
    "crossplane-rds-cluster-postgresql" "rds.aws.m.upbound.io" "Cluster" "0.1.0",
    "crossplane-rds-instance-mysql" "rds.aws.m.upbound.io" "Instance" "0.1.0",
    "crossplane-rds-instance-postgresql" "rds.aws.m.upbound.io" "Instance" "0.1.0",
    "crossplane-s3-bucket" "s3.aws.m.upbound.io" "Bucket" "0.1.0",
    "crunchy-postgres" "postgres-operator.crunchydata.com" "PostgresCluster" "0.1.0",
    "dragonfly" "dragonflydb.io" "Dragonfly" "0.1.0",
    "eck-elasticsearch" "elasticsearch.k8s.elastic.co" "Elasticsearch" "0.1.0",
    "eck-kibana" "kibana.k8s.elastic.co" "Kibana" "0.1.0",
    "external-secret" "external-secrets.io" "ExternalSecret" "0.1.0",
    "hyperspike-valkey" "hyperspike.io" "Valkey" "0.1.0",
    "mariadb" "k8s.mariadb.com" "MariaDB" "0.1.0",
    "mariadb-connection" "k8s.mariadb.com" "Connection" "0.1.0",
    "mariadb-grant" "k8s.mariadb.com" "Grant" "0.1.0",
    "minio-tenant" "minio.min.io" "Tenant" "0.1.0",
    "mongodb-community" "mongodbcommunity.mongodb.com" "MongoDBCommunity" "0.1.0",
    "nats-service" "" "Service" "0.1.0",
    "opensearch" "opensearch.org" "OpenSearchCluster" "0.1.0",
    "opensearch-opster" "opensearch.opster.io" "OpenSearchCluster" "0.1.0",
    "opstree-redis" "redis.redis.opstreelabs.in" "Redis" "0.1.0",
    "opstree-redis-cluster" "redis.redis.opstreelabs.in" "RedisCluster" "0.1.0",
    "opstree-redis-replication" "redis.redis.opstreelabs.in" "RedisReplication" "0.1.0",
    "opstree-redis-sentinel" "redis.redis.opstreelabs.in" "RedisSentinel" "0.1.0",
    "percona-postgresql" "pgv2.percona.com" "PerconaPGCluster" "0.1.0",
    "percona-server-mongodb" "psmdb.percona.com" "PerconaServerMongoDB" "0.1.0",
    "percona-xtradb-cluster" "pxc.percona.com" "PerconaXtraDBCluster" "0.1.0",
    "rabbitmq" "rabbitmq.com" "RabbitmqCluster" "0.1.0",
    "rabbitmq-permission" "rabbitmq.com" "Permission" "0.1.0",
    "rabbitmq-user" "rabbitmq.com" "User" "0.1.0",
    "rook-object-store-user" "ceph.rook.io" "CephObjectStoreUser" "0.1.0",
    "sap-service-binding" "services.cloud.sap.com" "ServiceBinding" "0.1.0",
    "sap-valkey" "cache.cs.sap.com" "Valkey" "0.1.0",
    "sealed-secret" "bitnami.com" "SealedSecret" "0.1.0",
    "spotahome-redis" "databases.spotahome.com" "RedisFailover" "0.1.0",
    "strimzi-kafka" "kafka.strimzi.io" "Kafka" "0.1.0",
    "strimzi-kafka-access" "access.strimzi.io" "KafkaAccess" "0.1.0",
    "strimzi-kafka-open" "kafka.strimzi.io" "Kafka" "0.1.0",
    "strimzi-kafka-topic" "kafka.strimzi.io" "KafkaTopic" "0.1.0",
    "strimzi-kafka-user" "kafka.strimzi.io" "KafkaUser" "0.1.0",
    "temporal-namespace" "temporal.io" "TemporalNamespace" "0.1.0",
    "zalando-postgresql" "acid.zalan.do" "postgresql" "0.1.0",
}

/// All built-in Adapters, by name.
pub fn built_in_adapters() -> &'static [BuiltInAdapter] {
    ADAPTERS
}

impl BuiltInAdapter {
    /// What its manifest describes.
    pub fn adapter(&self) -> Option<Adapter> {
        let tree = Tree::read(self.manifest).ok()?;
        let (at, defaults) = (Place::default(), Defaults::default());
        match decode(&tree, tree.root()?, at, &defaults, &mut Findings::new())? {
            OwnObject::Adapter(adapter) => Some(*adapter),
            OwnObject::Interface(_)
            | OwnObject::Socket(_)
            | OwnObject::Plug(_)
            | OwnObject::Converter(_)
            | OwnObject::Settings(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
