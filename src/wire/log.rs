//! Logs as Terraform reads them: one JSON object for each line of standard error.
use serde_json::{Map, Value as Json};
use std::fmt;
use std::io::Write as _;
use std::time::SystemTime;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// Our own crates. Libraries speak only when something is wrong: what they tell at lower levels holds headers,
/// and headers hold sessions.
const OWN: [&str; 4] = ["provider_vsphere", "tf_framework", "vsphere_client", "vim_types"];

/// Sends everything that is logged to standard error, at the level that the environment asks for.
pub(super) fn install() {
    let level = level_of(|name| std::env::var(name).ok());
    let subscriber = tracing_subscriber::registry().with(Hclog { level });
    // Fails where a test has installed another before; that one stays.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// The most special variable that is set decides, as for every provider.
fn level_of(variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let asked = ["TF_LOG_PROVIDER_VSPHERE", "TF_LOG_PROVIDER", "TF_LOG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|v| !v.is_empty()));
    match asked.as_deref().map(str::to_ascii_uppercase).as_deref() {
        Some("OFF") => LevelFilter::OFF,
        Some("ERROR") => LevelFilter::ERROR,
        Some("INFO") => LevelFilter::INFO,
        Some("DEBUG") => LevelFilter::DEBUG,
        // "JSON" is Terraform's word for a trace in its own JSON form; it also takes any other word for a trace.
        Some(word) if word != "WARN" => LevelFilter::TRACE,
        Some(_) | None => LevelFilter::WARN,
    }
}

struct Hclog {
    level: LevelFilter,
}

impl Hclog {
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let own = metadata.target().split("::").next().is_some_and(|krate| OWN.contains(&krate));
        *metadata.level() <= if own { self.level } else { self.level.min(LevelFilter::WARN) }
    }
}

/// The fields of a span, for the events in it.
struct Fields(Map<String, Json>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Hclog {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields(Map::new());
        attributes.record(&mut Visitor(&mut fields.0));
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(&mut Visitor(&mut fields.0));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Map::new();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(outer) = span.extensions().get::<Fields>() {
                for (name, value) in &outer.0 {
                    fields.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        event.record(&mut Visitor(&mut fields));
        let message = fields.remove("message").unwrap_or_default();
        let target = event.metadata().target();
        write(*event.metadata().level(), target, message.as_str().unwrap_or_default(), fields);
    }
}

/// Writes one line. If the log is no longer read, the line is lost without an error.
fn write(level: Level, target: &str, message: &str, fields: Map<String, Json>) {
    let mut line = Map::new();
    line.insert("@level".to_owned(), level.as_str().to_ascii_lowercase().into());
    line.insert("@message".to_owned(), message.into());
    line.insert("@module".to_owned(), module(target).into());
    line.insert(
        "@timestamp".to_owned(),
        humantime::format_rfc3339_micros(SystemTime::now()).to_string().into(),
    );
    line.extend(fields);
    let mut text = Json::Object(line).to_string();
    text.push('\n');
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// `provider_vsphere::wire::tls` is `provider.wire.tls`.
fn module(target: &str) -> String {
    let own = target.strip_prefix("provider_vsphere").unwrap_or(target);
    format!("provider.{}", own.replace("::", ".").trim_start_matches('.')).trim_end_matches('.').to_owned()
}

struct Visitor<'a>(&'a mut Map<String, Json>);

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_special_variable_decides() {
        let level = |set: &[(&str, &str)]| {
            level_of(|name| set.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
        };
        assert_eq!(level(&[]), LevelFilter::WARN);
        assert_eq!(level(&[("TF_LOG", "info")]), LevelFilter::INFO);
        assert_eq!(level(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "OFF")]), LevelFilter::OFF);
        assert_eq!(level(&[("TF_LOG", "JSON")]), LevelFilter::TRACE);
        assert_eq!(level(&[("TF_LOG", ""), ("TF_LOG_PROVIDER", "warn")]), LevelFilter::WARN);
        let all = [("TF_LOG", "ERROR"), ("TF_LOG_PROVIDER", "INFO"), ("TF_LOG_PROVIDER_VSPHERE", "DEBUG")];
        assert_eq!(level(&all), LevelFilter::DEBUG);
    }

    #[test]
    fn modules() {
        assert_eq!(module("provider_vsphere::wire::rpc"), "provider.wire.rpc");
        assert_eq!(module("provider_vsphere"), "provider");
        assert_eq!(module("vsphere_client::soap"), "provider.vsphere_client.soap");
    }
}
