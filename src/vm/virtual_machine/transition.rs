//! Which power operations are possible in which power state, and which of them leads to the one that is wanted.

use std::time::Duration;

/// A power state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vm) enum Power {
    On,
    Off,
    Suspended,
}

impl Power {
    /// From an attribute or a state.
    pub(in crate::vm) fn parse(text: &str) -> Option<Self> {
        [Self::On, Self::Off, Self::Suspended].into_iter().find(|p| p.as_str() == text)
    }

    /// As an attribute says it.
    pub(in crate::vm) fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Suspended => "suspended",
        }
    }
}

/// A power operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vm) enum Operation {
    /// Powers on, or resumes.
    PowerOn,
    PowerOff,
    Suspend,
    Restart,
}

/// How a power operation treats the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vm) enum Mode {
    /// The guest is not asked.
    Hard,
    /// The guest does it, or nothing does.
    Soft,
    /// The guest is asked first.
    TrySoft,
}

impl Mode {
    /// From an attribute.
    pub(in crate::vm) fn parse(text: &str) -> Option<Self> {
        match text {
            "hard" => Some(Self::Hard),
            "soft" => Some(Self::Soft),
            "trySoft" => Some(Self::TrySoft),
            _ => None,
        }
    }

    /// How long the guest may take, and whether the host does it otherwise. `timeout` is for a guest that is asked.
    pub(in crate::vm) fn gentleness(self, timeout: Duration) -> (Duration, bool) {
        let grace = if self == Self::Hard { Duration::ZERO } else { timeout };
        (grace, self != Self::Soft)
    }
}

/// How long a guest may take: `soft_power_op_timeout`.
pub(in crate::vm) fn soft_timeout(seconds: Option<i64>) -> Duration {
    Duration::from_secs(seconds.and_then(|s| u64::try_from(s).ok()).unwrap_or(300))
}

/// Whether an operation is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vm) enum Verdict {
    /// It is in that state already.
    Done,
    Possible,
    /// Why it is impossible, as a sentence.
    Refused(&'static str),
}

/// Whether an operation is possible in a power state.
pub(in crate::vm) fn verdict(now: Power, operation: Operation, power_off: Mode) -> Verdict {
    match (now, operation) {
        (Power::On, Operation::PowerOn)
        | (Power::Off, Operation::PowerOff)
        | (Power::Suspended, Operation::Suspend) => Verdict::Done,
        (Power::Suspended, Operation::PowerOff) if power_off != Mode::Hard => {
            Verdict::Refused("The guest of a suspended virtual machine cannot be shut down.")
        }
        (Power::Off, Operation::Suspend) => {
            Verdict::Refused("Only a virtual machine that is powered on can be suspended.")
        }
        (Power::Off | Power::Suspended, Operation::Restart) => {
            Verdict::Refused("Only a virtual machine that is powered on can be restarted.")
        }
        _ => Verdict::Possible,
    }
}

/// The operation that leads to a power state.
pub(in crate::vm) fn towards(wanted: Power) -> Operation {
    match wanted {
        Power::On => Operation::PowerOn,
        Power::Off => Operation::PowerOff,
        Power::Suspended => Operation::Suspend,
    }
}

/// Whether a restart is possible on the way to the wanted power state: a virtual machine that is powered on anyway has
/// restarted by that.
pub(in crate::vm) fn restart(now: Power, wanted: Option<Power>) -> Verdict {
    match (now, wanted) {
        (Power::Off, Some(Power::On)) => Verdict::Done,
        (_, Some(Power::Off | Power::Suspended)) => {
            Verdict::Refused("A virtual machine that is to be powered off or suspended cannot be restarted.")
        }
        _ => verdict(now, Operation::Restart, Mode::Hard),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MODES: [Mode; 3] = [Mode::Hard, Mode::Soft, Mode::TrySoft];
    const POWERS: [Power; 3] = [Power::On, Power::Off, Power::Suspended];

    /// Every cell of the table of transitions; `h` is possible with mode hard only.
    #[test]
    fn transitions_are_those_of_the_table() {
        use Operation::{PowerOff, PowerOn, Restart, Suspend};
        for (now, row) in [
            (Power::On, [(PowerOn, '='), (PowerOff, 'y'), (Suspend, 'y'), (Restart, 'y')]),
            (Power::Off, [(PowerOn, 'y'), (PowerOff, '='), (Suspend, 'n'), (Restart, 'n')]),
            (Power::Suspended, [(PowerOn, 'y'), (PowerOff, 'h'), (Suspend, '='), (Restart, 'n')]),
        ] {
            for (operation, cell) in row {
                for mode in MODES {
                    let found = verdict(now, operation, mode);
                    let fits = match cell {
                        '=' => found == Verdict::Done,
                        'y' => found == Verdict::Possible,
                        'h' if mode == Mode::Hard => found == Verdict::Possible,
                        _ => matches!(found, Verdict::Refused(why) if why.ends_with('.')),
                    };
                    assert!(fits, "{now:?} {operation:?} {mode:?}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn a_restart_needs_a_virtual_machine_that_is_and_stays_on() {
        for (now, wanted, expected) in [
            (Power::On, None, Some(Verdict::Possible)),
            (Power::On, Some(Power::On), Some(Verdict::Possible)),
            (Power::On, Some(Power::Off), None),
            (Power::On, Some(Power::Suspended), None),
            (Power::Off, None, None),
            (Power::Off, Some(Power::On), Some(Verdict::Done)),
            (Power::Off, Some(Power::Off), None),
            (Power::Off, Some(Power::Suspended), None),
            (Power::Suspended, None, None),
            (Power::Suspended, Some(Power::On), None),
            (Power::Suspended, Some(Power::Off), None),
            (Power::Suspended, Some(Power::Suspended), None),
        ] {
            let found = restart(now, wanted);
            let found = if matches!(found, Verdict::Refused(_)) { None } else { Some(found) };
            assert_eq!(found, expected, "{now:?} {wanted:?}");
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for power in POWERS {
            assert_eq!(Power::parse(power.as_str()), Some(power));
        }
        assert_eq!(Power::parse("poweredOn"), None);
        assert_eq!(["hard", "soft", "trySoft"].map(Mode::parse), MODES.map(Some));
        assert_eq!(Mode::parse("trysoft"), None);
    }

    proptest! {
        #[test]
        fn a_possible_transition_converges_in_one_step(now in 0..3_usize, to in 0..3_usize, mode in 0..3_usize) {
            let (now, to, mode) = (POWERS[now], POWERS[to], MODES[mode]);
            match verdict(now, towards(to), mode) {
                Verdict::Done => prop_assert_eq!(now, to),
                Verdict::Possible => {
                    prop_assert_ne!(now, to);
                    prop_assert_eq!(verdict(to, towards(to), mode), Verdict::Done);
                }
                // There is a way over another power state, so that it is never a dead end.
                Verdict::Refused(_) => {
                    prop_assert_eq!(verdict(now, Operation::PowerOn, mode), Verdict::Possible);
                    prop_assert_eq!(verdict(Power::On, towards(to), mode), Verdict::Possible);
                }
            }
        }
    }
}
