use crate::AttributePath;
use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The call failed.
    Error,
    /// The call went well, and the user should know something.
    Warning,
}

/// One message to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// One line that says what is wrong.
    pub summary: String,
    /// What to do about it, in sentences.
    pub detail: String,
    /// The attribute to blame; the root for the whole resource.
    pub at: AttributePath,
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
        Self(vec![Diagnostic { severity, summary: summary.into(), detail: detail.into(), at: at.into() }])
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
