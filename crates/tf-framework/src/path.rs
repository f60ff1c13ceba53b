use std::fmt;

/// The name of one attribute or block of one model; made by `#[derive(Model)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field(pub &'static str);

/// One step of an [`AttributePath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An attribute or block of an object.
    Name(String),
    /// An element of a list.
    Index(usize),
    /// An entry of a map.
    Key(String),
}

/// A position in a configuration: Terraform shows the line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct AttributePath(pub Vec<Step>);

impl AttributePath {
    /// The whole resource.
    pub fn root() -> Self {
        Self::default()
    }

    /// One attribute or block further.
    #[must_use]
    pub fn field(self, f: Field) -> Self {
        self.name(f.0)
    }

    /// One attribute or block further, by its name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.push(Step::Name(name.into()));
        self
    }

    /// One list element further.
    #[must_use]
    pub fn index(mut self, i: usize) -> Self {
        self.0.push(Step::Index(i));
        self
    }

    /// One map entry further.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Step::Key(key.into()));
        self
    }
}

impl Field {
    /// The list element `i` of this attribute or block.
    pub fn index(self, i: usize) -> AttributePath {
        AttributePath::from(self).index(i)
    }
}

impl From<Field> for AttributePath {
    fn from(f: Field) -> Self {
        Self::root().field(f)
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, s) in self.0.iter().enumerate() {
            match s {
                Step::Name(x) if n == 0 => f.write_str(x)?,
                Step::Name(x) => write!(f, ".{x}")?,
                Step::Index(i) => write!(f, "[{i}]")?,
                Step::Key(k) => write!(f, "[{k:?}]")?,
            }
        }
        Ok(())
    }
}
