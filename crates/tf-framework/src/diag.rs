use crate::AttributePath;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The call failed.
    Error,
    /// The call went well, and the user should know something.
    Warning,
}

/// One message to the user. Two are equal when they read the same.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// One line that says what is wrong.
    pub summary: String,
    /// What to do about it, in sentences.
    pub detail: String,
    /// The attribute to blame; the root for the whole resource.
    pub at: AttributePath,
    /// The error that this is about, for [`Provider::explain`](crate::Provider::explain) to look at.
    pub cause: Option<Cause>,
}

impl PartialEq for Diagnostic {
    fn eq(&self, other: &Self) -> bool {
        let text = |d: &Self| (d.severity, d.summary.clone(), d.detail.clone(), d.at.clone());
        text(self) == text(other)
    }
}

impl Eq for Diagnostic {}

/// The error behind a diagnostic. The provider, which knows its type, finishes the message once, when the call ends: where
/// the error occurs there is nothing to look up and nothing to wait for.
#[derive(Debug, Clone)]
pub struct Cause(Arc<dyn Error + Send + Sync>);

impl Cause {
    /// An error of the provider's own.
    pub fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }

    /// The error, if it is of this type.
    pub fn get<E: Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }
}

/// Messages to the user, in the order in which they were found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);

/// A result whose failure is for the user to read.
pub type Result<T> = std::result::Result<T, Diagnostics>;

impl Diagnostics {
    /// One error.
    pub fn error(
        at: impl Into<AttributePath>,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self::one(Severity::Error, at, summary, detail)
    }

    /// One warning.
    pub fn warning(
        at: impl Into<AttributePath>,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self::one(Severity::Warning, at, summary, detail)
    }

    fn one(
        severity: Severity,
        at: impl Into<AttributePath>,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        let (summary, detail) = (summary.into(), detail.into());
        Self(vec![Diagnostic { severity, summary, detail, at: at.into(), cause: None }])
    }

    /// The same messages, all about one error.
    #[must_use]
    pub fn caused_by(mut self, cause: Cause) -> Self {
        for d in &mut self.0 {
            d.cause = Some(cause.clone());
        }
        self
    }

    /// The same messages, all about one attribute, such as one of a nested block.
    #[must_use]
    pub fn about(mut self, at: &AttributePath) -> Self {
        for d in &mut self.0 {
            d.at = at.clone();
        }
        self
    }

    /// Add others after these.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// These, and others after them.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.merge(other);
        self
    }

    /// The same messages, none of which stops anything.
    #[must_use]
    pub fn as_warnings(self) -> Self {
        Self(self.0.into_iter().map(|d| Diagnostic { severity: Severity::Warning, ..d }).collect())
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `ok`, unless there is an error. Warnings are lost; use a call's context to keep them.
    ///
    /// # Errors
    /// These diagnostics, when one of them is an error.
    pub fn into_result<T>(self, ok: T) -> Result<T> {
        if self.has_errors() { Err(self) } else { Ok(ok) }
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for d in &self.0 {
            let kind = if d.severity == Severity::Error { "error" } else { "warning" };
            let at = if d.at.0.is_empty() { String::new() } else { format!(" at {}", d.at) };
            writeln!(f, "{kind}{at}: {}", d.summary)?;
            for line in d.detail.lines() {
                writeln!(f, "  {line}")?;
            }
        }
        Ok(())
    }
}
