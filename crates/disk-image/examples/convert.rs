//! Converts an image to a stream-optimized VMDK: `convert IMAGE VMDK`. For measurements.

use std::fs::File;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args_os().skip(1);
    let (Some(from), Some(to)) = (args.next(), args.next()) else {
        return Err("usage: convert IMAGE VMDK".into());
    };
    let mut disk = disk_image::open(Box::new(File::open(from)?), None)?;
    disk.check()?;
    let mut out = File::create(to)?;
    disk_image::convert(disk.as_mut(), None, &mut |bytes, _| Ok(out.write_all(&bytes)?))?;
    Ok(())
}
