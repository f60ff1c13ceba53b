//! Processors, memory, and everything else that is no device.
use tf_framework::Dynamic;

/// A check for sizes of memory.
pub(super) fn memory(v: &Dynamic) -> Result<(), String> {
    match v {
        Dynamic::Int(n) if n % 4 != 0 => Err(format!("{n} is no multiple of 4 MiB; {} is.", n / 4 * 4 + 4)),
        _ => Ok(()),
    }
}
