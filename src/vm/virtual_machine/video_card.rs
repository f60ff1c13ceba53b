//! The video card.
use super::VirtualMachineModel as M;
use super::assembly::Assembly;
use super::effects::Effects;
use super::model::{Graphics3dModel, VideoCardModel};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tf_framework::Value;
use vsphere_client::device::{Devices, VideoCard, key, new_video_card};
use vsphere_client::vim::types::VirtualDeviceKind;
use vsphere_client::virtual_machine::VirtualMachine;

const WORDS: &str = "the video card";
const WHY: &str = "it only changes while the virtual machine is off";
const KIB: i64 = 1024;

/// What a video card is set to; what is nothing is not declared, or not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Settings {
    displays: Option<i64>,
    /// MiB.
    memory: Option<i64>,
    graphics: Option<bool>,
    renderer: Option<String>,
    /// MiB.
    graphics_memory: Option<i64>,
}

impl Settings {
    fn of(model: &M) -> Option<Self> {
        let block = model.video_card.first()?;
        let three = block.graphics_3d.known().map(|b| b.first());
        let inside = three.flatten();
        Some(Self {
            displays: block.num_displays.known().copied(),
            memory: block.total_video_memory.known().copied(),
            graphics: match &block.graphics_3d {
                Value::Unknown => None,
                blocks => Some(blocks.known().is_some_and(|b| !b.is_empty())),
            },
            renderer: inside.and_then(|g| g.renderer.known()).filter(|r| !r.is_empty()).cloned(),
            graphics_memory: inside.and_then(|g| g.memory.known()).copied().filter(|m| *m > 0),
        })
    }

    fn seen(card: &VideoCard) -> Self {
        Self {
            displays: card.num_displays.map(i64::from),
            memory: card.video_ram_size_in_kb.map(|k| k / KIB),
            graphics: Some(card.enable3_d_support.unwrap_or_default()),
            renderer: card.use3d_renderer.clone(),
            graphics_memory: card.graphics_memory_size_in_kb.map(|k| k / KIB),
        }
    }

    /// Whether all that is declared here is so there.
    fn is_in(&self, there: &Self) -> bool {
        fn holds<T: PartialEq>(declared: &Option<T>, there: &Option<T>) -> bool {
            declared.is_none() || declared == there
        }
        holds(&self.displays, &there.displays)
            && holds(&self.memory, &there.memory)
            && holds(&self.graphics, &there.graphics)
            && holds(&self.renderer, &there.renderer)
            && holds(&self.graphics_memory, &there.graphics_memory)
    }

    fn write(&self, card: &mut VideoCard) {
        card.use_auto_detect = Some(false);
        if let Some(displays) = self.displays {
            card.num_displays = i32::try_from(displays).ok();
        }
        if let Some(memory) = self.memory {
            card.video_ram_size_in_kb = Some(memory.saturating_mul(KIB));
        }
        if self.graphics.is_some() {
            card.enable3_d_support = self.graphics;
        }
        if let Some(renderer) = &self.renderer {
            card.use3d_renderer = Some(renderer.clone());
        }
        if let Some(memory) = self.graphics_memory {
            card.graphics_memory_size_in_kb = Some(memory.saturating_mul(KIB));
        }
    }
}

fn there(devices: &Devices) -> Option<&VirtualDeviceKind> {
    devices.iter().find(|d| VideoCard::of(d).is_some())
}

/// Kept beside the state of an import: the card that was found. Every machine has one, so it enters the state only where
/// it is declared.
pub(super) const FOUND: &str = "video_card";

/// The card of a machine, as it is kept after its import.
pub(super) fn found(devices: &Devices) -> Json {
    let card = there(devices).and_then(VideoCard::of);
    card.and_then(|card| serde_json::to_value(Settings::seen(&card)).ok()).unwrap_or_default()
}

fn remembered(found: Option<&Json>) -> Option<Settings> {
    serde_json::from_value(found?.clone()).ok()
}

/// Whether an imported machine has the card that is planned.
pub(super) fn as_imported(found: Option<&Json>, planned: &M) -> bool {
    !planned.video_card.is_unknown()
        && Settings::of(planned)
            .is_none_or(|wanted| remembered(found).is_some_and(|there| wanted.is_in(&there)))
}

/// Returns the changes that require powering off: all of them. A removed block changes nothing: the virtual machine
/// keeps its card as it is.
pub(super) fn plan(prior: Option<&M>, planned: &M, found: Option<&Json>) -> Effects {
    let mut effects = Effects::default();
    let Some(prior) = prior else { return effects };
    let Some(wanted) = Settings::of(planned) else { return effects };
    let there = Settings::of(prior).or_else(|| remembered(found));
    if !wanted.is_in(&there.unwrap_or_default()) {
        effects.power_off(M::VIDEO_CARD.index(0), format!("{WORDS}: {WHY}"));
    }
    effects
}

/// Brings the card to what is planned.
pub(super) fn assemble(plan: &M, out: &mut Assembly) -> Effects {
    let mut effects = Effects::default();
    let Some(wanted) = Settings::of(plan) else { return effects };
    let at = || M::VIDEO_CARD.index(0);
    let Some(mut card) = there(&out.devices).and_then(VideoCard::of) else {
        let mut card = new_video_card();
        wanted.write(&mut card);
        out.add(at(), WORDS.to_owned(), card.into_device());
        return effects;
    };
    if !wanted.is_in(&Settings::seen(&card)) {
        effects.power_off(at(), format!("{WORDS}: {WHY}"));
        wanted.write(&mut card);
        out.edit(at(), WORDS.to_owned(), card.into_device());
    }
    effects
}

/// The block of the state as the machine has it.
pub(super) fn observed(vm: &VirtualMachine, state: &M) -> Vec<VideoCardModel> {
    let devices = vm.devices();
    let before = state.video_card.get();
    // An undeclared card is not in the state: every virtual machine has one.
    let (Some(before), Some(device)) = (before.first(), there(&devices)) else { return vec![] };
    let Some(card) = VideoCard::of(device) else { return vec![] };
    let seen = Settings::seen(&card);
    let three = before.graphics_3d.get();
    let three = match (three.first(), seen.graphics) {
        (_, Some(false) | None) => vec![],
        (was, _) => vec![Graphics3dModel {
            renderer: observe(was.map(|g| &g.renderer), seen.renderer),
            memory: observe(was.map(|g| &g.memory), seen.graphics_memory),
        }],
    };
    vec![VideoCardModel {
        num_displays: seen.displays.into(),
        total_video_memory: seen.memory.into(),
        graphics_3d: three.into(),
        key: i64::from(key(device)).into(),
        device_address: devices.address_text(device).into(),
    }]
}

/// The existing value, if it is declared.
fn observe<T: Clone + Default + PartialEq>(was: Option<&Value<T>>, is: Option<T>) -> Value<T> {
    match was {
        Some(v) if v.get() == T::default() => v.clone(),
        _ => is.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vsphere_client::device::HardwareVersion;

    fn model(displays: i64, memory: i64, three: Option<(&str, i64)>) -> M {
        let three = three
            .map(|(renderer, memory)| Graphics3dModel { renderer: renderer.into(), memory: memory.into() });
        let card = VideoCardModel {
            num_displays: displays.into(),
            total_video_memory: memory.into(),
            graphics_3d: three.into_iter().collect::<Vec<_>>().into(),
            ..Default::default()
        };
        M { video_card: vec![card].into(), ..Default::default() }
    }

    #[test]
    fn the_card_of_an_import_is_known_again() {
        let declared = model(2, 8, Some(("software", 512)));
        let mut card = new_video_card();
        Settings::of(&declared).unwrap().write(&mut card);
        let kept = found(&Devices::new(vec![card.into_device()]));
        let imported = M::default();
        assert!(as_imported(Some(&kept), &declared) && as_imported(Some(&kept), &imported));
        assert_eq!(plan(Some(&imported), &declared, Some(&kept)), Effects::default());
        let other = model(1, 8, Some(("software", 512)));
        assert!(!as_imported(Some(&kept), &other) && !as_imported(None, &declared));
        assert!(!plan(Some(&imported), &other, Some(&kept)).power_off.is_empty());
        assert_eq!(found(&Devices::new(vec![])), Json::Null);
    }

    #[test]
    fn a_change_is_one_edit_that_converges_and_wants_the_machine_off() {
        let models = [
            model(1, 4, None),
            model(2, 8, None),
            model(2, 8, Some(("hardware", 512))),
            model(2, 8, Some(("software", 512))),
            model(2, 8, Some(("", 256))),
            model(1, 16, Some(("automatic", 256))),
        ];
        for from in &models {
            for to in &models {
                let mut card = new_video_card();
                Settings::of(from).unwrap().write(&mut card);
                let mut out = Assembly::of(Devices::new(vec![card.into_device()]), HardwareVersion(19));
                let effects = assemble(to, &mut out);
                let (specs, _) = out.finish();
                assert_eq!(effects.power_off.len(), specs.len());
                assert_eq!(
                    specs.is_empty(),
                    Settings::of(to).unwrap().is_in(&Settings::seen(&{
                        let mut c = new_video_card();
                        Settings::of(from).unwrap().write(&mut c);
                        c
                    }))
                );
                if let Some(spec) = specs.first() {
                    let mut again =
                        Assembly::of(Devices::new(vec![spec.device.clone()]), HardwareVersion(19));
                    assert_eq!(assemble(to, &mut again), Effects::default());
                    assert!(again.is_empty());
                }
            }
        }
    }

    #[test]
    fn mib_become_kib_and_without_the_block_the_card_stays() {
        let mut out = Assembly::of(Devices::default(), HardwareVersion(19));
        assert_eq!(assemble(&model(2, 8, Some(("hardware", 512))), &mut out), Effects::default());
        let (specs, _) = out.finish();
        let card = VideoCard::of(&specs[0].device).unwrap();
        assert_eq!(card.video_ram_size_in_kb, Some(8192));
        assert_eq!(card.graphics_memory_size_in_kb, Some(524_288));
        assert_eq!((card.enable3_d_support, card.num_displays), (Some(true), Some(2)));
        let mut none = Assembly::of(Devices::new(vec![specs[0].device.clone()]), HardwareVersion(19));
        assert_eq!(assemble(&M::default(), &mut none), Effects::default());
        assert!(none.is_empty());
        assert_eq!(plan(Some(&model(1, 4, None)), &M::default(), None), Effects::default());
        assert_eq!(plan(Some(&model(1, 4, None)), &model(1, 8, None), None).power_off.len(), 1);
        assert_eq!(plan(Some(&model(1, 4, None)), &model(1, 4, None), None), Effects::default());
    }
}
