//! Which declared interface is which of those that are there, and what has to be done.
use crate::vm::virtual_machine::matching::{Matching, Partner, cautious};

/// The type whose interfaces are functions of a physical adapter of the host.
pub(super) const SRIOV: &str = "sriov";
/// The type of a declared interface that can be of any.
pub(super) const ANY_TYPE: &str = "";
/// The type with remote direct memory access.
const RDMA: &str = "vmxnet3vrdma";

/// How much of the network an interface gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bandwidth {
    /// Mbit/s; -1 for no limit.
    pub(super) limit: i64,
    /// Mbit/s.
    pub(super) reservation: i64,
    /// `low`, `normal`, `high` or `custom`.
    pub(super) level: String,
    /// The number of shares, for the level `custom` alone: the others have numbers of the server's.
    pub(super) shares: Option<i64>,
}

impl Default for Bandwidth {
    fn default() -> Self {
        Self { limit: -1, reservation: 0, level: "normal".to_owned(), shares: None }
    }
}

/// An interface that is there, or that the state knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Nic {
    /// Its key in its machine.
    pub(super) key: i64,
    /// Its type; empty for one that is not known.
    pub(super) adapter: String,
    /// The id of its network; `None` if it is not known.
    pub(super) network: Option<String>,
    /// Its MAC address, in lower case.
    pub(super) mac: String,
    /// Whether the address was chosen.
    pub(super) manual: bool,
    pub(super) bandwidth: Bandwidth,
    /// The physical function behind it.
    pub(super) function: Option<String>,
    /// The port of an opaque network.
    pub(super) port: Option<String>,
    /// The name of its block; empty for none.
    pub(super) name: String,
}

/// Which MAC address an interface is to have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Mac {
    /// Any: the server chooses.
    #[default]
    Any,
    /// This one, in lower case.
    Fixed(String),
    /// Not known yet.
    Unknown,
}

/// A declared interface. What is nothing is not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Wanted {
    pub(super) adapter: Option<String>,
    pub(super) network: Option<String>,
    pub(super) mac: Mac,
    pub(super) bandwidth: Option<Bandwidth>,
    /// The physical function; the inner nothing is none.
    pub(super) function: Option<Option<String>>,
    /// The port of an opaque network; nothing where it is not declared.
    pub(super) port: Option<String>,
    /// The name; empty for none.
    pub(super) name: String,
    /// Whether the name is not known yet.
    pub(super) unnamed: bool,
}

impl Wanted {
    fn open(&self) -> bool {
        self.adapter.is_none()
            || self.network.is_none()
            || self.bandwidth.is_none()
            || self.function.is_none()
            || self.mac == Mac::Unknown
            || self.unnamed
    }

    fn has_name(&self, nic: &Nic) -> bool {
        !self.name.is_empty() && self.name == nic.name
    }

    /// An interface with a name is most likely not that of a block without one.
    fn may_be_named(&self, nic: &Nic) -> bool {
        !self.name.is_empty() || nic.name.is_empty()
    }

    fn has_mac(&self, nic: &Nic) -> bool {
        matches!(&self.mac, Mac::Fixed(mac) if *mac == nic.mac)
    }

    fn same_mac(&self, nic: &Nic) -> bool {
        match &self.mac {
            Mac::Any => !nic.manual,
            Mac::Fixed(_) => nic.manual && self.has_mac(nic),
            Mac::Unknown => false,
        }
    }

    /// An interface of another type is another device.
    fn same_adapter(&self, nic: &Nic) -> bool {
        let is = |adapter: &str| adapter == ANY_TYPE || adapter == nic.adapter;
        nic.adapter.is_empty() || self.adapter.as_deref().is_some_and(is)
    }

    fn same_place(&self, nic: &Nic) -> bool {
        self.same_adapter(nic) && self.network.is_some() && self.network == nic.network
    }

    fn same(&self, nic: &Nic) -> bool {
        self.same_place(nic)
            && self.same_mac(nic)
            && self.bandwidth.as_ref() == Some(&nic.bandwidth)
            && self.function.as_ref() == Some(&nic.function)
    }
}

/// Pairs declared interfaces with those of the state. The place of a block changes when one before it is removed; so an
/// interface is identified by its static address, then its name, then all that is declared of it, then its network and type,
/// then its type: as many as can be in the order that they have, and only then across.
pub(super) fn pair(wanted: &[Wanted], known: &[Nic]) -> Vec<Partner> {
    let fits = |fit: fn(&Wanted, &Nic) -> bool| move |i: usize, j: usize| fit(&wanted[i], &known[j]);
    if wanted.iter().any(Wanted::open) {
        // An address that another block declares takes its interface along.
        let free = |i: usize, j: usize| (0..wanted.len()).all(|k| k == i || !wanted[k].has_mac(&known[j]));
        // Where a name decides, nothing else does.
        let named = |i: usize, j: usize| wanted[i].has_name(&known[j]);
        let may = |i: usize, j: usize| {
            wanted[i].has_mac(&known[j])
                || named(i, j)
                || !((0..known.len()).any(|k| named(i, k)) || (0..wanted.len()).any(|k| named(k, j)))
        };
        let unnamed = wanted.iter().any(|w| w.unnamed);
        let same = |i: usize, j: usize| {
            let certain = wanted[i].same(&known[j]) && wanted[i].may_be_named(&known[j]);
            certain && free(i, j) && may(i, j) && (!unnamed || wanted[i].has_mac(&known[j]))
        };
        return cautious(wanted.len(), known.len(), true, |i| wanted[i].open(), same);
    }
    let mut matching = Matching::new(wanted.len(), known.len());
    matching.first(fits(Wanted::has_mac)).first(fits(Wanted::has_name));
    let any = |_: &Wanted, _: &Nic| true;
    let rounds: [fn(&Wanted, &Nic) -> bool; 4] =
        [Wanted::same, Wanted::same_place, Wanted::same_adapter, any];
    for fit in rounds {
        let named = |i: usize, j: usize| wanted[i].may_be_named(&known[j]) && fits(fit)(i, j);
        matching.in_order(named).first(named).in_order(fits(fit)).first(fits(fit));
    }
    matching.into_pairs().into_iter().map(|to| to.map_or(Partner::New, Partner::Is)).collect()
}

/// Pairs a declared interface that is to be added with one that is there and that no state knows, where the two are
/// alike: a run that was killed after it had added it could not say so.
pub(super) fn taken_over(
    wanted: &[Wanted],
    there: &[Nic],
    to: Vec<Option<usize>>,
    ours: &[bool],
) -> Vec<Option<usize>> {
    let mut out = to;
    for (i, w) in wanted.iter().enumerate() {
        if out[i].is_some() || w.open() {
            continue;
        }
        let alike = |n: usize| !ours[n] && !out.contains(&Some(n)) && w.same(&there[n]);
        out[i] = (0..there.len()).find(|n| alike(*n));
    }
    out
}

/// Pairs declared interfaces with those of a template: one after the other.
pub(super) fn pair_in_order(wanted: usize, there: usize) -> Vec<Option<usize>> {
    let mut matching = Matching::new(wanted, there);
    matching.here(|_, _| true);
    matching.into_pairs()
}

/// Finds the interfaces of the state among those that are there: by key, confirmed by the address; then by the address.
/// One that has the key and type but another address is the same after the address was changed, or after the
/// machine was copied: if it were considered foreign, the machine would get each interface a second time.
///
/// A new one does not have a key yet: it is an unpaired one, of its network and type if there is one.
pub(super) fn locate(known: &[Nic], there: &[Nic]) -> Vec<Option<usize>> {
    let key = |i: usize, j: usize| known[i].key == there[j].key;
    let mac = |i: usize, j: usize| !known[i].mac.is_empty() && known[i].mac == there[j].mac;
    let unsure = |i: usize, j: usize| known[i].adapter == there[j].adapter || there[j].adapter.is_empty();
    let mut matching = Matching::new(known.len(), there.len());
    let made = |i: usize| known[i].key == 0;
    matching.first(|i, j| key(i, j) && mac(i, j)).first(mac).first(|i, j| key(i, j) && unsure(i, j));
    // vCenter gives free keys again, so that they tell nothing.
    matching
        .first(|i, j| made(i) && known[i].network == there[j].network && unsure(i, j))
        .first(|i, j| made(i) && unsure(i, j))
        .first(|i, _| made(i));
    matching.into_pairs()
}

/// What of an interface is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Edits {
    pub(super) network: bool,
    pub(super) mac: bool,
    pub(super) bandwidth: bool,
    pub(super) function: bool,
    pub(super) port: bool,
}

impl Edits {
    fn between(wanted: &Wanted, nic: &Nic) -> Self {
        Self {
            network: wanted.network.is_none() || wanted.network != nic.network,
            mac: !wanted.same_mac(nic),
            bandwidth: wanted.bandwidth.as_ref() != Some(&nic.bandwidth),
            function: wanted.function.as_ref() != Some(&nic.function),
            port: wanted.port.is_some() && wanted.port != nic.port,
        }
    }

    /// Whether there is none.
    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// One thing to do. `block` counts the declared ones, `nic` those that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Add {
        block: usize,
    },
    Edit {
        block: usize,
        nic: usize,
        edits: Edits,
    },
    /// Removed, and added with another type.
    Replace {
        block: usize,
        nic: usize,
    },
    Remove {
        nic: usize,
    },
}

/// What has to be done so that the declared interfaces are there. `to` is the partner of each among those that are
/// there; those without are removed if they are `ours`, and left alone otherwise.
pub(super) fn steps(
    wanted: &[Wanted],
    there: &[Nic],
    to: &[Option<usize>],
    ours: impl Fn(usize) -> bool,
) -> Vec<Step> {
    let mut steps = vec![];
    for (nic, _) in there.iter().enumerate() {
        if ours(nic) && !to.contains(&Some(nic)) {
            steps.push(Step::Remove { nic });
        }
    }
    for (block, (w, to)) in wanted.iter().zip(to).enumerate() {
        match *to {
            None => steps.push(Step::Add { block }),
            Some(nic) if !w.same_adapter(&there[nic]) => steps.push(Step::Replace { block, nic }),
            Some(nic) => {
                let edits = Edits::between(w, &there[nic]);
                if !edits.is_none() {
                    steps.push(Step::Edit { block, nic, edits });
                }
            }
        }
    }
    steps
}

/// Why a machine that is on cannot take a step; nothing where it can.
pub(super) fn power_off(step: &Step, wanted: &[Wanted], there: &[Nic]) -> Option<String> {
    let cold = |adapter: &str| [SRIOV, RDMA].contains(&adapter);
    let wanted_type = |block: usize| wanted[block].adapter.as_deref().unwrap_or("");
    match step {
        Step::Add { block } if cold(wanted_type(*block)) => Some(format!(
            "an interface of the type {} is only added to a virtual machine that is off",
            wanted_type(*block)
        )),
        Step::Remove { nic } if cold(&there[*nic].adapter) => Some(format!(
            "an interface of the type {} is only removed from a virtual machine that is off",
            there[*nic].adapter
        )),
        Step::Replace { block, nic } => {
            let ty = [wanted_type(*block), there[*nic].adapter.as_str()].into_iter().find(|t| cold(t))?;
            Some(format!("an interface of the type {ty} is only exchanged while the virtual machine is off"))
        }
        Step::Edit { edits, .. } if edits.mac => {
            Some("the MAC address of an interface only changes while the virtual machine is off".to_owned())
        }
        Step::Edit { nic, .. } if cold(&there[*nic].adapter) => Some(format!(
            "an interface of the type {} only changes while the virtual machine is off",
            there[*nic].adapter
        )),
        _ => None,
    }
}
