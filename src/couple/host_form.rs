//! Writes the host of a Service as who uses it reaches it.

/// How the host of a Service is written for who uses it.
#[derive(Clone, Debug)]
pub(super) struct HostForm {
    /// The Socket's namespace; `None` is the unknown one.
    pub own: Option<String>,
    /// The namespace where the host is used; `None`: nobody uses it.
    pub consumer: Option<Option<String>>,
}

impl HostForm {
    /// The host of a Service of this namespace; `None`: its namespace is needed and not known.
    pub(super) fn host(&self, name: &str, namespace: Option<&str>) -> Option<String> {
        match (&self.consumer, namespace) {
            (None, _) => Some(name.to_owned()),
            (Some(consumer), own) if consumer.as_deref() == own => Some(name.to_owned()),
            (Some(_), Some(own)) => Some(format!("{name}.{own}.svc")),
            (Some(_), None) => None,
        }
    }
}
