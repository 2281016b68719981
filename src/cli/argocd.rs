//! Renders an Argo CD application as a config management plugin: its arguments are in the
//! environment.
//!
//! What Argo CD does with it:
//! <https://argo-cd.readthedocs.io/en/stable/operator-manual/config-management-plugins/>.

use std::collections::BTreeMap;
use std::env::{self, VarError};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::args::{self, Color, Flags};
use super::build::BuildJob;
use super::exit::Exit;
use super::fault::{Error, Errors, TypedContext};
use super::helm::{self, Crds, ReleaseName, ValuesFile};
use super::path_within::Root;
use super::read::Named;
use super::report::{Infos, Reporting};
use super::walk::Project;
use super::{run, settings};
use crate::api;

/// Where the application is.
const DIRECTORY: &str = ".";

/// Prints the manifests.
pub(super) fn generate(flags: &Flags, color: Color) -> Exit {
    let report = Reporting::new(flags.format, color, Infos::Hidden);
    report.end(plan(flags).and_then(
        |RenderRequest {
             flags,
             chart,
             catalogue,
             hint,
         }| {
            let job = BuildJob {
                directory: Path::new(DIRECTORY),
                flags: &flags,
                typed: &[],
                chart,
            };
            run::generate(&job, &catalogue, hint, &report)
        },
    ))
}

/// What an Application may set here, in Argo CD's format.
pub(super) fn parameters() -> Result<String, Error> {
    let project = Project::at(Path::new(DIRECTORY))?;
    let announced = Parameters::new(application_name()?).announced(project.as_ref());
    let text = serde_json::to_string_pretty(&announced).map_err(Error::new)?;
    Ok(text + "\n")
}

/// The settings' file, if there is one. Argo CD runs this in every repository, and logs an error
/// for every exit status but 0: an empty output means no.
pub(super) fn discover() -> String {
    if Path::new(settings::FILE).is_file() {
        format!("{}\n", settings::FILE)
    } else {
        String::new()
    }
}

/// What the environment sets.
struct RenderRequest {
    flags: Flags,
    chart: helm::HelmOptions,
    /// The paths that the Application names.
    catalogue: Vec<Named>,
    /// The help for a path that leads out of the repository.
    hint: &'static str,
}

/// What is known of the repository around the application: whoever may write an Application, or to
/// its repository, may not read the plugin's other files.
struct Repository {
    root: Root,
    hint: &'static str,
}

impl Repository {
    fn find(flags: &Flags) -> Result<Self, Error> {
        if let Some(directory) = &flags.coupling.repository {
            let hint = "the plugin's own command sets with `--repository` the directory that paths must stay in";
            return Ok(Self {
                root: Root::at(directory)?,
                hint,
            });
        }
        let application = Root::at(Path::new(DIRECTORY))?;
        match variable("ARGOCD_APP_SOURCE_PATH")? {
            Some(path) => {
                let hint = "paths are relative to the application's directory and stay in its \
                 repository; for any other path, change the plugin's own command";
                Ok(Self {
                    root: application.above(Path::new(&path)).unwrap_or(application),
                    hint,
                })
            }
            None => {
                let hint = "Argo CD sets ARGOCD_APP_SOURCE_PATH to the application's path in the repository, \
                            such as `apps/shop`; it is not set";
                Ok(Self {
                    root: application,
                    hint,
                })
            }
        }
    }
}

fn plan(flags: &Flags) -> Result<RenderRequest, Errors> {
    let Repository { root, hint } = Repository::find(flags)?;
    let project = Project::at(Path::new(DIRECTORY))?;
    let given = variable("ARGOCD_APP_PARAMETERS")?.unwrap_or_default();
    let mut parameters = Parameters::new(application_name()?);
    parameters.read(&given, project.as_ref())?;

    let mut flags = flags.clone();
    if let (None, Some(namespace)) = (&flags.coupling.namespace, variable("ARGOCD_APP_NAMESPACE")?)
    {
        let wrong = |reason| Error::msg(format!("ARGOCD_APP_NAMESPACE is `{namespace}`: {reason}"));
        flags.coupling.namespace = Some(args::namespace(&namespace).map_err(wrong)?);
    }
    flags.coupling.repository = Some(root.path().to_path_buf());
    flags.strict |= parameters.strict;
    let chart = match project {
        Some(Project::Chart(_)) => chart(&parameters, &root, hint)?,
        _ => helm::HelmOptions::default(),
    };
    let catalogue = parameters.catalog.iter().map(|path| Named::Found {
        root: root.clone(),
        directory: PathBuf::new(),
        path: path.into(),
    });
    Ok(RenderRequest {
        flags,
        chart,
        catalogue: catalogue.collect(),
        hint,
    })
}

/// What Argo CD's own Helm is given too.
fn chart(
    parameters: &Parameters,
    root: &Root,
    hint: &'static str,
) -> Result<helm::HelmOptions, Errors> {
    let release = parameters.release.as_deref().map(|name| {
        ReleaseName::parse(name).map_err(|reason| {
            let fault = Error::msg(format!("the release's name is `{name}`: {reason}"));
            fault.help(
                r#"set another one in the Application's parameters: {name: release, string: "NAME"}"#,
            )
        })
    });
    let (mut values, mut faults) = (Vec::new(), Vec::new());
    for path in &parameters.values {
        match ValuesFile::within(root, Path::new(DIRECTORY), path) {
            Ok(file) => values.push(file),
            Err(fault) => faults.push(fault.help(hint)),
        }
    }
    let release = match release.transpose() {
        Ok(release) if faults.is_empty() => release,
        Ok(_) => return Err(Errors(faults)),
        Err(fault) => {
            faults.push(fault);
            return Err(Errors(faults));
        }
    };
    Ok(helm::HelmOptions {
        release,
        values,
        set: parameters.set.clone(),
        crds: Crds::Included,
        kube_version: variable("KUBE_VERSION")?,
        api_versions: variable("KUBE_API_VERSIONS")?,
    })
}

/// The Application's name: of one that is not in Argo CD's own namespace, `ARGOCD_APP_NAME` is
/// `NAMESPACE_NAME`.
fn application_name() -> Result<Option<String>, Error> {
    let name = variable("ARGOCD_APP_NAME")?;
    Ok(name.map(|name| {
        name.split_once('_')
            .map_or(name.as_str(), |(_, name)| name)
            .to_owned()
    }))
}

/// Argo CD sets a variable that it has nothing for to nothing.
fn variable(name: &str) -> Result<Option<String>, Error> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::msg(format!("{name} is not UTF-8"))),
    }
}

/// What an Application may set, and what holds where it does not: Argo CD never sends the defaults
/// that it was given.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parameters {
    release: Option<String>,
    values: Vec<String>,
    set: BTreeMap<String, String>,
    catalog: Vec<String>,
    strict: bool,
}

/// A parameter as Argo CD sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameter {
    name: String,
    string: Option<String>,
    array: Option<Vec<String>>,
    map: Option<BTreeMap<String, String>>,
}

/// A parameter in Argo CD's format.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Announced {
    name: &'static str,
    title: &'static str,
    tooltip: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_type: Option<&'static str>,
    #[serde(flatten)]
    value: ParameterValue,
}

#[derive(Debug, Serialize)]
#[serde(tag = "collectionType", rename_all = "camelCase")]
enum ParameterValue {
    String { string: String },
    Array { array: Vec<String> },
    Map { map: BTreeMap<String, String> },
}

impl Parameters {
    fn new(release: Option<String>) -> Self {
        Self {
            release,
            ..Self::default()
        }
    }

    fn announced(&self, project: Option<&Project>) -> Vec<Announced> {
        let one = |name, title, tooltip, value| Announced {
            name,
            title,
            tooltip,
            item_type: None,
            value,
        };
        let string = |text: &str| ParameterValue::String {
            string: text.to_owned(),
        };
        let array = |list: &[String]| ParameterValue::Array {
            array: list.to_vec(),
        };
        let mut all = Vec::new();
        if let Some(Project::Chart(_)) = project {
            let release = self.release.as_deref().unwrap_or_default();
            all.extend([
                one("release", "Release", "The release's name", string(release)),
                one(
                    "values",
                    "Values files",
                    "Paths relative to the application's directory",
                    array(&self.values),
                ),
                one(
                    "set",
                    "Values",
                    "Single values, as with helm --set",
                    ParameterValue::Map {
                        map: self.set.clone(),
                    },
                ),
            ]);
        }
        let catalogue =
            "Paths to other Interfaces and Sockets, relative to the application's directory";
        all.push(one("catalog", "Catalogue", catalogue, array(&self.catalog)));
        let strict = one(
            "strict",
            "Strict",
            "Warnings are errors",
            string(if self.strict { "true" } else { "false" }),
        );
        all.push(Announced {
            item_type: Some("boolean"),
            ..strict
        });
        all
    }

    /// Takes what was sent over what is there; all mistakes in it are reported at once.
    fn read(&mut self, text: &str, project: Option<&Project>) -> Result<(), Errors> {
        if text.is_empty() {
            return Ok(());
        }
        // the list is `null` where the Application sets none
        let given: Option<Vec<Parameter>> = serde_json::from_str(text).map_err(|error| {
            let shape =
                "expected a list:\n  [{\"name\": \"catalog\", \"array\": [\"../platform\"]}]";
            Error::new(error)
                .context("ARGOCD_APP_PARAMETERS cannot be read")
                .help(shape)
        })?;
        let announced = self.announced(project);
        let (mut seen, mut faults) = (Vec::new(), Vec::new());
        for one in given.unwrap_or_default() {
            if seen.contains(&one.name) {
                faults.push(Error::msg(format!(
                    "the parameter `{}` is given twice",
                    one.name
                )));
            } else if let Err(fault) = self.take(&one, &announced) {
                faults.push(fault);
            }
            seen.push(one.name);
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Errors(faults))
        }
    }

    fn take(&mut self, given: &Parameter, announced: &[Announced]) -> Result<(), Error> {
        let name = given.name.as_str();
        let names = announced.iter().map(|known| known.name);
        let Some(known) = announced.iter().find(|known| known.name == name) else {
            let fault = Error::msg(format!("there is no parameter `{name}`"));
            return Err(match api::suggest(name, names.clone()) {
                Some(close) => fault.help(format!("did you mean `{close}`?")),
                None => fault.help(format!(
                    "the parameters are: {}",
                    names.collect::<Vec<_>>().join(", ")
                )),
            });
        };
        match (name, given) {
            (
                "release",
                Parameter {
                    string: Some(text),
                    array: None,
                    map: None,
                    ..
                },
            ) => self.release = Some(text.clone()),
            (
                "values",
                Parameter {
                    array: Some(list),
                    string: None,
                    map: None,
                    ..
                },
            ) => self.values.clone_from(list),
            (
                "catalog",
                Parameter {
                    array: Some(list),
                    string: None,
                    map: None,
                    ..
                },
            ) => self.catalog.clone_from(list),
            (
                "set",
                Parameter {
                    map: Some(map),
                    string: None,
                    array: None,
                    ..
                },
            ) => self.set.clone_from(map),
            (
                "strict",
                Parameter {
                    string: Some(text),
                    array: None,
                    map: None,
                    ..
                },
            ) if text == "true" => {
                self.strict = true;
            }
            (
                "strict",
                Parameter {
                    string: Some(text),
                    array: None,
                    map: None,
                    ..
                },
            ) if text == "false" => {
                self.strict = false;
            }
            _ => {
                let wanted = match known.value {
                    ParameterValue::String { .. } if name == "strict" => {
                        "a string, `true` or `false`"
                    }
                    ParameterValue::String { .. } => "a string",
                    ParameterValue::Array { .. } => "an array of strings",
                    ParameterValue::Map { .. } => "a map of strings",
                };
                return Err(Error::msg(format!("the parameter `{name}` is {wanted}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fault;

    fn chart() -> Project {
        Project::Chart(DIRECTORY.into())
    }

    fn read(text: &str) -> Result<Parameters, Errors> {
        let mut parameters = Parameters::new(Some("shop".into()));
        parameters.read(text, Some(&chart())).map(|()| parameters)
    }

    #[test]
    fn what_is_sent_wins_over_what_is_announced() {
        for nothing in ["", "null", "[]"] {
            assert_eq!(read(nothing).unwrap(), Parameters::new(Some("shop".into())));
        }
        let all = r#"[{"name":"release","string":"r"},{"name":"values","array":["a","b"]},{"name":"strict","string":"true"},
            {"name":"set","map":{"k":"v"}},{"name":"catalog","array":["../c"]}]"#;
        let set = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
        let (values, catalog) = (vec!["a".into(), "b".into()], vec!["../c".into()]);
        assert_eq!(
            read(all).unwrap(),
            Parameters {
                release: Some("r".into()),
                values,
                set,
                catalog,
                strict: true
            }
        );
    }

    #[test]
    fn defaults_are_those_that_are_announced() {
        let announced =
            serde_json::to_value(Parameters::new(Some("shop".into())).announced(Some(&chart())))
                .unwrap();
        let sent: Vec<_> = announced
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let fields = ["name", "string", "array", "map"].into_iter();
                fields
                    .filter_map(|f| Some((f.to_owned(), one.get(f)?.clone())))
                    .collect::<serde_json::Map<_, _>>()
            })
            .collect();
        assert_eq!(sent.len(), 5);
        assert_eq!(
            read(&serde_json::to_string(&sent).unwrap()).unwrap(),
            read("").unwrap()
        );
    }

    #[test]
    fn what_is_sent_is_read_strictly() {
        let says = |text: &str, fact: &str| {
            let Errors(faults) = read(text).unwrap_err();
            let all = format!(
                "{} {:?}",
                fault::message(&faults[0]),
                fault::help(&faults[0])
            );
            assert!(all.contains(fact), "{all}");
        };
        says("[", "ARGOCD_APP_PARAMETERS cannot be read");
        says(
            r#"[{"name":"set","strings":"a"}]"#,
            "unknown field `strings`",
        );
        says(
            r#"[{"name":"vaules","array":[]}]"#,
            "did you mean `values`?",
        );
        says(
            r#"[{"name":"zzz","array":[]}]"#,
            "the parameters are: release, values, set, catalog, strict",
        );
        says(r#"[{"name":"values","string":"a"}]"#, "an array of strings");
        says(
            r#"[{"name":"values","array":[],"string":"a"}]"#,
            "an array of strings",
        );
        says(r#"[{"name":"set","string":"a"}]"#, "a map of strings");
        says(r#"[{"name":"strict","string":"yes"}]"#, "`true` or `false`");
        says(
            r#"[{"name":"catalog","array":[]},{"name":"catalog","array":[]}]"#,
            "given twice",
        );
        assert_eq!(
            read(r#"[{"name":"a"},{"name":"b"}]"#).unwrap_err().0.len(),
            2
        );
        let mut plain = Parameters::default();
        assert!(
            plain
                .read(r#"[{"name":"values","array":[]}]"#, None)
                .is_err()
        );
    }
}
