//! What a virtual machine class determines of a virtual machine.

/// A virtual machine class. Reservations are percentages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Class {
    pub(super) cpus: i64,
    /// In MiB.
    pub(super) memory: i64,
    pub(super) cpu_reservation: i64,
    pub(super) memory_reservation: i64,
    pub(super) vgpu_profiles: Vec<String>,
    /// The types of the network adapters.
    pub(super) adapters: Vec<String>,
}

/// What a virtual machine of a class has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sizes {
    pub(super) cpus: i64,
    /// In MiB.
    pub(super) memory: i64,
    /// In MHz; `None` if the class does not reserve CPU, or as long as the frequency of the hosts is not known.
    pub(super) cpu_reservation: Option<i64>,
    /// In MiB; `None` if the class does not reserve memory.
    pub(super) memory_reservation: Option<i64>,
}

/// Returns what a virtual machine of a class has on hosts whose slowest CPU has this frequency in MHz.
pub(super) fn sizes(class: &Class, mhz: Option<i64>) -> Sizes {
    let part = |of: i64, percent: i64| of.saturating_mul(percent) / 100;
    let reserved = |percent: i64| (percent > 0).then_some(percent);
    Sizes {
        cpus: class.cpus,
        memory: class.memory,
        cpu_reservation: reserved(class.cpu_reservation)
            .zip(mhz)
            .map(|(percent, mhz)| part(class.cpus.saturating_mul(mhz), percent)),
        memory_reservation: reserved(class.memory_reservation).map(|percent| part(class.memory, percent)),
    }
}

/// Whether the sizes of a class apply to a plan: to a new virtual machine, after a change of the class, and if the virtual
/// machine follows its class. `before` is the class in the state of an existing virtual machine.
pub(super) fn applies(before: Option<&str>, class: &str, follows: bool) -> bool {
    follows || before != Some(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_of_the_class_and_its_hosts() {
        let class = |cpu: i64, memory: i64| Class {
            cpus: 4,
            memory: 8192,
            cpu_reservation: cpu,
            memory_reservation: memory,
            ..Class::default()
        };
        for (cpu, memory, mhz, expected) in [
            (0, 0, Some(2294), (None, None)),
            (50, 100, Some(2294), (Some(4588), Some(8192))),
            (100, 25, Some(2000), (Some(8000), Some(2048))),
            (50, 50, None, (None, Some(4096))),
        ] {
            let sizes = sizes(&class(cpu, memory), mhz);
            assert_eq!((sizes.cpus, sizes.memory), (4, 8192));
            assert_eq!((sizes.cpu_reservation, sizes.memory_reservation), expected, "{cpu} {memory}");
        }
    }

    #[test]
    fn a_class_applies_once_unless_it_is_followed() {
        for (before, follows, expected) in [
            (None, false, true),
            (Some(""), false, true),
            (Some("small"), false, true),
            (Some("large"), false, false),
            (Some("large"), true, true),
        ] {
            assert_eq!(applies(before, "large", follows), expected, "{before:?}");
        }
    }
}
