//! Writes the host of a Service in the form that its user needs: with its namespace or without.

/// How the host of a Service is written for who uses it.
#[derive(Clone, Debug)]
pub(super) struct HostForm {
    /// The Socket's namespace; `None` is the unknown one.
    pub own: Option<String>,
    /// The namespace where the host is used; `None`: nobody uses it, so the Socket's counts.
    pub consumer: Option<Option<String>>,
}

impl HostForm {
    /// The host of a Service of this namespace; `None`: its namespace is needed and not known.
    pub(super) fn host(&self, name: &str, namespace: Option<&str>) -> Option<String> {
        let from = self.consumer.as_ref().unwrap_or(&self.own);
        match namespace {
            same if from.as_deref() == same => Some(name.to_owned()),
            Some(other) => Some(format!("{name}.{other}.svc")),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HostForm;

    fn host(consumer: Option<Option<&str>>, namespace: Option<&str>) -> Option<String> {
        let form = HostForm {
            own: Some("data".to_owned()),
            consumer: consumer.map(|name| name.map(str::to_owned)),
        };
        form.host("pg", namespace)
    }

    #[test]
    fn a_service_of_another_namespace_has_it_in_its_host() {
        for (consumer, namespace, expected) in [
            (None, Some("data"), Some("pg")),
            (None, Some("other"), Some("pg.other.svc")),
            (Some(Some("shop")), Some("data"), Some("pg.data.svc")),
            (Some(Some("shop")), Some("shop"), Some("pg")),
            (Some(None), Some("data"), Some("pg.data.svc")),
            (Some(None), None, Some("pg")),
            (Some(Some("shop")), None, None),
        ] {
            let expected = expected.map(str::to_owned);
            assert_eq!(
                host(consumer, namespace),
                expected,
                "{consumer:?} {namespace:?}"
            );
        }
    }
}
